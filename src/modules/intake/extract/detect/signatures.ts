/** Formats told by bytes at a fixed place, where file-type has no rule or a coarser one. */
const SIGNATURES: readonly (readonly [label: string, at: number, hex: string])[] = [
  ['e01', 0, '455646090d0aff00'],
  ['ex01', 0, '455646320d0a81'],
  ['l01', 0, '4c5646090d0aff00'],
  ['l01', 0, '4c5646320d0a81'],
  ['aff', 0, '414646313000'],
  ['pst', 0, '2142444e'],
  ['tnef', 0, '789f3e22'],
  ['mdb', 4, '5374616e64617264204a6574204442'],
  ['mdb', 4, '5374616e6461726420414345204442'],
  ['chm', 0, '49545346'],
  ['mobi', 60, '424f4f4b4d4f4249'],
  ['wri', 0, '31be000000ab'],
  ['wri', 0, '32be000000ab'],
  ['wpd', 0, 'ff575043'],
  ['wpd', 0, 'cb0a01'],
  ['wks', 0, '0000020004040600'],
  ['wks', 0, '0000020006040600'],
  ['wks', 0, '00001a000010040000000000'],
  ['xls', 0, '0900040000'],
  ['xls', 0, '0900040007001000'],
  ['xls', 0, '0902060000001000'],
  ['xls', 0, '0904060000001000'],
  ['xls', 0, '090208000005'],
  ['xls', 0, '0908080000051000'],
  ['xls', 0, '0908100000061000'],
  ['evtx', 0, '456c6646696c6500'],
  ['regf', 0, '72656766'],
  ['lnk', 0, '4c0000000114020000000000c0000000'],
  ['qcow2', 0, '514649fb'],
  ['vmdk', 0, '4b444d56'],
  ['vhdx', 0, '7668647866696c65'],
  ['vhd', 0, '636f6e6563746978'],
  ['iso', 32_769, '4344303031'],
  ['arj', 0, '60ea'],
  ['lz', 0, '4c5a4950'],
  ['lz4', 0, '04224d18'],
  ['z', 0, '1f9d'],
  ['z', 0, '1fa0'],
  ['bz2', 0, '425a68'],
  ['xz', 0, 'fd377a585a00'],
  ['zst', 0, '28b52ffd'],
  ['7z', 0, '377abcaf271c'],
  ['rar', 0, '526172211a07'],
  ['cab', 0, '4d534346'],
  ['tar', 257, '7573746172'],
  ['warc', 0, '574152432f'],
  ['plist', 0, '62706c697374'],
  ['pcapng', 0, '0a0d0d0a'],
  ['pcap', 0, 'd4c3b2a1'],
  ['pcap', 0, 'a1b2c3d4'],
  ['sqlite', 0, '53514c69746520666f726d6174203300'],
  ['parquet', 0, '50415231'],
  ['djvu', 0, '41542654464f524d'],
  ['onenote', 0, 'e4525c7b8cd8a74daeb15378d02996d3'],
  ['dcm', 128, '4449434d'],
  ['jp2', 0, '0000000c6a5020200d0a870a'],
  ['elf', 0, '7f454c46'],
  ['mach-o', 0, 'cffaedfe'],
  ['mach-o', 0, 'cefaedfe'],
]

/** The label of the first signature that the head of a file carries. Needs 33 KB of head for all of them. */
export function bySignature(head: Buffer): string | null {
  const hit = SIGNATURES.find(([, at, hex]) => head.subarray(at, at + hex.length / 2).toString('hex') === hex)
  if (hit !== undefined) return hit[0]
  if (
    head
      .subarray(2, 7)
      .toString('latin1')
      .match(/^-l[hz][0-9sd]-/) !== null
  )
    return 'lzh'
  return isOldTar(head) ? 'tar' : null
}

/** TAR without a magic word (before POSIX): its header's checksum must hold. */
function isOldTar(head: Buffer): boolean {
  if (head.length < 512 || head[0] === 0) return false
  const stated = Number.parseInt(
    head
      .subarray(148, 156)
      .toString('latin1')
      .replaceAll(/[^0-7]/g, ''),
    8,
  )
  let sum = 8 * 32
  for (let at = 0; at < 512; at++) if (at < 148 || at >= 156) sum += head[at] ?? 0
  return stated === sum
}
