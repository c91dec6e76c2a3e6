import { fromHex } from '../base/bytes.ts'

/**
 * The byte part of the one Ed25519 acceptance rule (docs/formats/log.md, "Signatures"). Libraries
 * differ on malformed keys and signatures; two verifiers that disagree are worthless in court. Accepted is:
 *
 * 1. the key is 32 bytes, the signature 64 bytes (R ‖ S);
 * 2. the encodings of the key A and of R are canonical: y < p, and never "x = 0 with the sign bit set";
 * 3. neither A nor R is a point of small order;
 * 4. S < L;
 * 5. encode([S]B − [k]A) equals R byte for byte (no cofactor), k = SHA-512(R ‖ A ‖ M) mod L.
 *
 * This function checks 1–4; each implementation of the port checks 5.
 */
export function meetsEd25519Rule(publicKey: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  const r = signature.subarray(0, 32)
  return isSoundPoint(publicKey) && isSoundPoint(r) && isBelow(signature.subarray(32), ORDER)
}

// Little-endian. The small-order points' y coordinates; with and without sign bit they are all of them.
const FIELD = bytes('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f')
const ORDER = bytes('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')
const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
].map(bytes)

function isSoundPoint(encoded: Uint8Array): boolean {
  const y = Uint8Array.from(encoded)
  y[31] = y[31]! & 0x7f
  return isBelow(y, FIELD) && !SMALL_ORDER.some((small) => small.every((byte, at) => byte === y[at]))
}

function isBelow(value: Uint8Array, bound: Uint8Array): boolean {
  for (let at = 31; at >= 0; at--) if (value[at] !== bound[at]) return value[at]! < bound[at]!
  return false
}

function bytes(hex: string): Uint8Array {
  return fromHex(hex)!
}
