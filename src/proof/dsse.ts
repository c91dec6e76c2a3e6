import { concatBytes, fromBase64, toBase64 } from '../base/bytes.ts'
import type { JsonObject, JsonValue } from './canonical.ts'
import { fields, text } from './fields.ts'
import { malformed } from './malformed.ts'
import { toUtf8 } from './utf8.ts'

/**
 * A DSSE envelope (secure-systems-lab/dsse 1.0) as we write it: exactly one signature, standard
 * base64 with padding, no other field. `keyId` is the lower-case hex SHA-256 of the raw public key.
 */
export interface Envelope {
  readonly payloadType: string
  readonly payload: Uint8Array
  readonly keyId: string
  readonly signature: Uint8Array
}

/** DSSE's pre-authentication encoding: what is signed. */
export function preAuthentication(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = toUtf8(payloadType)
  return concatBytes(toUtf8(`DSSEv1 ${type.length} `), type, toUtf8(` ${payload.length} `), payload)
}

/** The envelope as JSON; its RFC 8785 bytes are "the signed entry" of the log format. */
export function envelopeToJson(envelope: Envelope): JsonObject {
  return {
    payload: toBase64(envelope.payload),
    payloadType: envelope.payloadType,
    signatures: [{ keyid: envelope.keyId, sig: toBase64(envelope.signature) }],
  }
}

/** The same as its RFC 8785 bytes, written straight: base64 and hex need no escapes, and the names are in order. */
export function envelopeToBytes({ payloadType, payload, keyId, signature }: Envelope): Uint8Array {
  const inner = `{"keyid":${JSON.stringify(keyId)},"sig":"${toBase64(signature)}"}`
  const type = JSON.stringify(payloadType)
  return toUtf8(`{"payload":"${toBase64(payload)}","payloadType":${type},"signatures":[${inner}]}`)
}

/** Refuses malformed: other fields, no or several signatures, a key id or signature of another length. */
export function envelopeFromJson(value: JsonValue): Envelope {
  const outer = fields(value, 'envelope', ['payload', 'payloadType', 'signatures'])
  const list = outer['signatures']
  if (!Array.isArray(list) || list.length !== 1) throw malformed('an envelope must hold one signature')
  const inner = fields(list[0] as JsonValue, 'envelope signature', ['keyid', 'sig'])
  const payload = fromBase64(text(outer['payload'], 'envelope payload'))
  const signature = fromBase64(text(inner['sig'], 'envelope signature'))
  const keyId = text(inner['keyid'], 'envelope key id')
  if (payload === null) throw malformed('the envelope payload is not base64')
  if (signature === null || signature.length !== 64) throw malformed('the envelope signature is not 64 bytes')
  if (!/^[0-9a-f]{64}$/.test(keyId)) throw malformed('the envelope key id is not a SHA-256')
  return { payloadType: text(outer['payloadType'], 'payload type', 200), payload, keyId, signature }
}
