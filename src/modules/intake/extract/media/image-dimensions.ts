interface Size {
  readonly width: number
  readonly height: number
}

/** Dimensions of formats that image-size does not know: JPEG XR, DICOM, DWG has none. */
export function imageDimensions(bytes: Buffer, label: string): Size | undefined {
  if (label === 'jxr') return jxrSize(bytes)
  return label === 'dcm' ? dicomSize(bytes) : undefined
}

/** JPEG XR is a TIFF of its own: the tags 0xBC80 and 0xBC81 hold width and height. */
function jxrSize(bytes: Buffer): Size | undefined {
  if (bytes.length < 8) return undefined
  const directory = bytes.readUInt32LE(4)
  if (directory + 2 > bytes.length) return undefined
  const count = bytes.readUInt16LE(directory)
  const found = new Map<number, number>()
  for (let index = 0; index < count; index++) {
    const at = directory + 2 + index * 12
    if (at + 12 > bytes.length) break
    const short = bytes.readUInt16LE(at + 2) === 3
    found.set(bytes.readUInt16LE(at), short ? bytes.readUInt16LE(at + 8) : bytes.readUInt32LE(at + 8))
  }
  return sizeOf(found.get(0xbc80), found.get(0xbc81))
}

/** DICOM: the elements (0028,0010) rows and (0028,0011) columns, found by their tags. */
function dicomSize(bytes: Buffer): Size | undefined {
  const value = (element: number): number | undefined => {
    const at = bytes.indexOf(Buffer.from([0x28, 0x00, element, 0x00]), 132)
    if (at < 0 || at + 10 > bytes.length) return undefined
    return bytes.readUInt16LE(at + 8)
  }
  return sizeOf(value(0x11), value(0x10))
}

function sizeOf(width: number | undefined, height: number | undefined): Size | undefined {
  return width && height ? { width, height } : undefined
}
