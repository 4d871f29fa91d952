/**
 * iSNS messages (RFC 4171 §5.2, §5.6, §5.7): attributes behind a status code in responses, cut into as many PDUs as it takes. A TLV may
 * lie across the end of a PDU, so that messages are decoded when they are whole.
 */
import { assert } from '../../base/assert.ts';
import { be32, DecodeError, putBe32 } from '../../base/bytes.ts';
import { type Attribute, decodeAttributes, encodeAttributes } from './attribute.ts';
import { isResponse } from './function.ts';
import { encodePduHeader, HEADER_BYTES, PAYLOAD_BYTES_MAX, PDUS_MAX } from './header.ts';
import { TAG_DELIMITER } from './tags.ts';

export interface Message {
  readonly functionId: number;
  readonly transactionId: number;
  /** Who sent it; some servers say `client` in what they send on their own. */
  readonly sender: 'client' | 'server';
  readonly replace: boolean;
  /** Of a response; 0 in anything else. */
  readonly status: number;
  /** In the order of the message, delimiter included. */
  readonly attributes: readonly Attribute[];
}

const STATUS_BYTES = 4;

/** What a whole payload means. Throws DecodeError. */
export function decodeMessage(
  header: { readonly functionId: number; readonly transactionId: number; readonly fromServer: boolean; readonly replace: boolean },
  payload: Uint8Array,
): Message {
  const { functionId, transactionId, fromServer, replace } = header;
  const response = isResponse(functionId);
  if (response && payload.length < STATUS_BYTES) throw new DecodeError('isns', 0, 'a response without a status code');
  return {
    functionId,
    transactionId,
    sender: fromServer ? 'server' : 'client',
    replace,
    status: response ? be32(payload, 0) : 0,
    attributes: decodeAttributes(payload, response ? STATUS_BYTES : 0, payload.length),
  };
}

/** The message as PDUs. `payloadBytesMax` is a multiple of four: a bound on each. */
export function encodeMessage(message: Message, payloadBytesMax = PAYLOAD_BYTES_MAX): Uint8Array[] {
  const attributes = encodeAttributes(message.attributes);
  const response = isResponse(message.functionId);
  const payload = response ? new Uint8Array(STATUS_BYTES + attributes.length) : attributes;
  if (response) {
    putBe32(payload, 0, message.status);
    payload.set(attributes, STATUS_BYTES);
  }
  const count = Math.max(1, Math.ceil(payload.length / payloadBytesMax));
  assert(count <= PDUS_MAX, 'a message has at most 65536 PDUs');
  return Array.from({ length: count }, (_, index) => {
    const piece = payload.subarray(index * payloadBytesMax, (index + 1) * payloadBytesMax);
    const pdu = new Uint8Array(HEADER_BYTES + piece.length);
    encodePduHeader(
      {
        functionId: message.functionId,
        payloadBytes: piece.length,
        fromClient: message.sender === 'client',
        fromServer: message.sender === 'server',
        authenticated: false,
        replace: message.replace,
        first: index === 0,
        last: index === count - 1,
        transactionId: message.transactionId,
        sequenceId: index,
      },
      pdu,
      0,
    );
    pdu.set(piece, HEADER_BYTES);
    return pdu;
  });
}

/** RFC 4171 §5.6.3: what stands before and behind the delimiter; without one, everything stands before it. */
export function sectionsOf(attributes: readonly Attribute[]): {
  readonly keys: readonly Attribute[];
  readonly operating: readonly Attribute[];
} {
  const at = attributes.findIndex((attribute) => attribute.tag === TAG_DELIMITER);
  return at === -1 ? { keys: attributes, operating: [] } : { keys: attributes.slice(0, at), operating: attributes.slice(at + 1) };
}
