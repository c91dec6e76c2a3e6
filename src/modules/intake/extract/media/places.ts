export interface Place {
  readonly latitude: number
  readonly longitude: number
  readonly altitudeMetres?: number
}

/** ISO 6709 as cameras write it: '+34.5281+069.1723+1791.0/', degrees with sign; also degrees-minutes(-seconds) runs. */
export function placeOf(written: string | undefined): Place | undefined {
  const match = /^\s*([+-]\d+(?:\.\d+)?)([+-]\d+(?:\.\d+)?)([+-]\d+(?:\.\d+)?)?/.exec(written ?? '')
  if (!match) return undefined
  const latitude = degrees(match[1] ?? '', 2)
  const longitude = degrees(match[2] ?? '', 3)
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined
  return { latitude, longitude, ...(match[3] === undefined ? {} : { altitudeMetres: Number(match[3]) }) }
}

/** `whole`: digits of the degrees; two more are minutes, four more minutes and seconds. */
function degrees(written: string, whole: number): number {
  const sign = written.startsWith('-') ? -1 : 1
  const [integer = '', fraction] = written.slice(1).split('.')
  const tail = fraction === undefined ? '' : `.${fraction}`
  if (integer.length <= whole) return sign * Number(`${integer}${tail}`)
  const base = Number(integer.slice(0, whole))
  if (integer.length === whole + 2) return sign * (base + Number(`${integer.slice(whole)}${tail}`) / 60)
  return (
    sign *
    (base +
      Number(integer.slice(whole, whole + 2)) / 60 +
      Number(`${integer.slice(whole + 2)}${tail}`) / 3600)
  )
}
