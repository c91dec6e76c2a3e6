/** The upper half of IBM code page 437, which ZIP prescribes for names without the UTF-8 flag. */
const UPPER =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0'

/** Bytes of an inner name as text: UTF-8 where they are valid UTF-8, else code page 437 as the format says. */
export function decodeName(raw: Uint8Array): { name: string; legacy: boolean } {
  try {
    return { name: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw), legacy: false }
  } catch (fault) {
    if (!(fault instanceof TypeError)) throw fault
    const letters = Array.from(raw, (byte) =>
      byte < 128 ? String.fromCharCode(byte) : (UPPER[byte - 128] ?? '?'),
    )
    return { name: letters.join(''), legacy: true }
  }
}
