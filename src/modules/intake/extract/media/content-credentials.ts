import { type Asset, BMFF, JPEG, PNG } from '@trustnxt/c2pa-ts/asset'
import { SuperBox } from '@trustnxt/c2pa-ts/jumbf'
import { ManifestStore } from '@trustnxt/c2pa-ts/manifest'
import type { Report } from '../containers/report.ts'
import { reasonOf } from '../gather.ts'

const SOURCE = 'c2pa-ts 0.9.4'

/**
 * Content Credentials: how many manifests there are and whether they still hold for these bytes. Who signed is
 * not checked against any list: no desk without network can say whom to trust.
 */
export async function reportCredentials(bytes: Buffer, report: Report): Promise<void> {
  const asset = assetOf(bytes)
  const box = asset ? manifestBox(asset, report) : undefined
  if (!asset || !box) return
  try {
    const store = ManifestStore.read(SuperBox.fromBuffer(new Uint8Array(box)))
    report.find('c2pa.manifests', store.manifests.length, SOURCE)
    const manifest = store.getActiveManifest()
    report.find('c2pa.generator', manifest?.claim?.claimGeneratorName, SOURCE)
    report.find('c2pa.title', manifest?.claim?.title, SOURCE)
    const result = await store.validate(asset)
    const own = failuresOf(result.statusEntries)
    const inherited: string[] = []
    for (const one of store.manifests) {
      if (one === manifest) continue
      const before = await one.validate(asset)
      inherited.push(...failuresOf(before.statusEntries).filter((code) => !OF_OTHER_BYTES.test(code)))
    }
    judge(own, [...new Set(inherited)], report)
  } catch (fault) {
    report.find('c2pa.valid', false, SOURCE)
    report.notice(
      'tampered',
      `The content credentials are damaged and do not hold for this file: ${reasonOf(fault)}.`,
      {
        step: 'metadata',
      },
    )
  }
}

/** What an earlier manifest says about the bytes of that time cannot hold for these. */
const OF_OTHER_BYTES = /^assertion\.(dataHash|bmffHash|boxesHash)\./
/** Says nothing about the content: a certificate too old, or unknown. */
const OF_THE_SIGNER = /^signingCredential\.(untrusted|expired)$|^timeStamp\.(untrusted|outsideValidity)$/

function failuresOf(entries: readonly { success?: boolean; code: unknown }[]): string[] {
  return [...new Set(entries.filter((entry) => !entry.success).map((entry) => String(entry.code)))]
}

/** `own`: of the manifest that speaks for this file; `inherited`: of those it builds on. */
function judge(own: readonly string[], inherited: readonly string[], report: Report): void {
  const failures = [...own, ...inherited.map((code) => `ingredient: ${code}`)]
  if (failures.length > 0) report.find('c2pa.failures', failures.join(', '), SOURCE)
  const changed = own.filter((code) => !OF_THE_SIGNER.test(code))
  const broken = inherited.filter((code) => !OF_THE_SIGNER.test(code))
  report.find('c2pa.valid', changed.length + broken.length === 0, SOURCE)
  if (changed.length > 0) {
    const words = `The content credentials do not hold for this file (${changed.join(', ')}): it was changed after signing, or they were.`
    report.notice('tampered', words, { step: 'metadata' })
  }
  if (broken.length > 0) {
    const words = `The content credentials build on earlier ones that do not hold (${broken.join(', ')}).`
    report.notice('tampered', words, { step: 'metadata' })
  }
  if (changed.length + broken.length > 0) return
  const old = own.some((code) => OF_THE_SIGNER.test(code))
    ? ' The certificate of the signer has expired or is unknown.'
    : ''
  report.notice('signed', 'The content credentials hold for these bytes.', { step: 'metadata' })
  const words = `Who signed the content credentials was not checked against a list of trusted signers.${old}`
  report.notice('untrusted-signer', words, { step: 'metadata' })
}

function assetOf(bytes: Buffer): Asset | undefined {
  for (const Format of [JPEG, PNG, BMFF]) {
    try {
      if (Format.canRead(bytes)) return new Format(bytes)
    } catch (fault) {
      if (fault instanceof Error) return undefined // a damaged picture: told by those who read its pixels
      throw fault
    }
  }
  return undefined
}

function manifestBox(asset: Asset, report: Report): Uint8Array | undefined {
  try {
    return asset.getManifestJUMBF()
  } catch (fault) {
    report.notice('broken', `The place of the content credentials could not be read: ${reasonOf(fault)}.`, {
      step: 'metadata',
    })
    return undefined
  }
}
