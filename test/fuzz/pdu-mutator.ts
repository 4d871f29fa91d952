/** Ways to spoil a PDU: some leave the framing whole, so that what is wrong gets far in; some break it. */
import { concat, putBe16, putBe24, putBe32 } from '../../src/base/bytes.ts';
import { below, chance, type Rng } from '../../src/base/rng.ts';
import type { Pdu } from './pdu-source.ts';
import { assemble } from './raw-initiator.ts';

/** Data segments that mutations make; longer ones come from the source. */
const INVENTED_BYTES_MAX = 2048;
const WORDS = [0, 1, 2, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 512, 0x00ffffff] as const;
const OPCODES = [0, 1, 2, 3, 4, 5, 6, 0x10, 0x1c, 0x1f, 0x20, 0x21, 0x23, 0x25, 0x31, 0x3f] as const;

const isLength = (byte: number): boolean => byte >= 4 && byte < 8;

/** Header and data spoiled, the lengths in the header true. */
function spoilFields(rng: Rng, { header, data }: Pdu): Pdu {
  const out = header.slice();
  switch (below(rng, 8)) {
    case 0:
    case 1: {
      for (let flips = 1 + below(rng, 4); flips > 0; flips -= 1) {
        const byte = below(rng, 48);
        if (!isLength(byte)) out[byte]! ^= 1 << below(rng, 8);
      }
      break;
    }
    case 2: {
      const byte = below(rng, 48);
      if (!isLength(byte)) out[byte] = below(rng, 256);
      break;
    }
    case 3:
      out[0] = (out[0]! & 0xc0) | OPCODES[below(rng, OPCODES.length)]!;
      break;
    case 4:
    case 5: {
      const at = 8 + 4 * below(rng, 10);
      putBe32(out, at, WORDS[below(rng, WORDS.length)]!);
      break;
    }
    case 6:
      return withData(out, rng.fill(new Uint8Array(below(rng, INVENTED_BYTES_MAX))));
    default:
      return withData(withAdditionalHeaders(rng, out), data);
  }
  return { header: out, data };
}

function withData(header: Uint8Array, data: Uint8Array): Pdu {
  putBe24(header, 5, data.length);
  return { header, data };
}

/** RFC 7143 §11.2.2: extended CDBs, bidirectional lengths and nonsense, TotalAHSLength true. */
function withAdditionalHeaders(rng: Rng, header: Uint8Array): Uint8Array {
  const words = chance(rng, 0.1) ? below(rng, 256) : 1 + below(rng, 8);
  const extra = chance(rng, 0.3) ? rng.fill(new Uint8Array(words * 4)) : new Uint8Array(words * 4);
  if (chance(rng, 0.7)) {
    putBe16(extra, 0, chance(rng, 0.3) ? below(rng, 65536) : words * 4 - 3);
    extra[2] = 1 + below(rng, 2);
  }
  const out = concat([header.subarray(0, 48), extra]);
  out[4] = words;
  return out;
}

/** What the wire gets in place of a PDU; `other` is another one, to splice with. */
export function mutated(rng: Rng, pdu: Pdu, other: Pdu, digests: boolean): Uint8Array {
  // What breaks the framing ends the connection soon: rare, or nothing would get far.
  const dice = below(rng, 500);
  if (dice < 484) return assembleSpoiled(rng, spoilFields(rng, pdu), digests);
  if (dice < 489) {
    // Lengths that lie.
    const out = pdu.header.slice();
    if (chance(rng, 0.5)) putBe24(out, 5, chance(rng, 0.7) ? below(rng, 4096) : below(rng, 0x1000000));
    else out[4] = below(rng, 256);
    return assemble(out, pdu.data, digests);
  }
  const bytes = assemble(pdu.header, pdu.data, digests);
  if (dice < 491) return bytes.subarray(0, below(rng, bytes.length));
  if (dice < 493) {
    const cut = below(rng, bytes.length);
    return concat([bytes.subarray(0, cut), assemble(other.header, other.data, digests), bytes.subarray(cut)]);
  }
  if (dice < 498) return concat([bytes, bytes]);
  return concat([bytes, rng.fill(new Uint8Array(below(rng, 200)))]);
}

function assembleSpoiled(rng: Rng, pdu: Pdu, digests: boolean): Uint8Array {
  const bytes = assemble(pdu.header, pdu.data, digests);
  // A wrong digest over the data: the PDU is to be rejected, and the session goes on (RFC 7143 §7.8).
  if (digests && pdu.data.length !== 0 && chance(rng, 0.05)) bytes[bytes.length - 1]! ^= 0x40;
  return bytes;
}
