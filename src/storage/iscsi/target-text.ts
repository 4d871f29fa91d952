/** Text negotiation in the full feature phase at a target (RFC 7143 §6.4, appendix C): SendTargets, and what may be declared anew. */
import { DecodeError } from '../../base/bytes.ts';
import { type KeyValues, parseNumber } from '../../wire/iscsi/key-value.ts';
import type { LoginIdentity } from './login-target.ts';
import type { Parameters } from './parameters.ts';
import { type DiscoveredTarget, targetRecords } from './send-targets.ts';

/** The targets the initiator may see, all of them or the one of this name. */
export type Discover = (only: string | undefined) => readonly DiscoveredTarget[];

/** Throws DecodeError. */
export function answerText(pairs: KeyValues, identity: LoginIdentity, parameters: Parameters, discover: Discover): KeyValues {
  const answers: (readonly [string, string])[] = [];
  const seen = new Set<string>();
  for (const [key, value] of pairs) {
    // RFC 7143 §6.2: a key is negotiated once; asked a thousand times for all targets, we would answer with a thousand times all.
    if (seen.has(key)) throw new DecodeError('iscsi-text', 0, `${key} stands in it twice`);
    seen.add(key);
    if (key === 'SendTargets') answers.push(...sendTargets(value, identity, discover));
    else if (key === 'MaxRecvDataSegmentLength') {
      // RFC 7143 §13.12: a declaration that may be renewed at any time.
      const segmentBytes = parseNumber(value);
      if (segmentBytes === undefined || segmentBytes < 512 || segmentBytes > 0xffffff) answers.push([key, 'Reject']);
      else parameters.sendSegmentBytesMax = segmentBytes;
    } else if (key !== 'InitiatorAlias') answers.push([key, 'NotUnderstood']);
  }
  return answers;
}

function sendTargets(value: string, identity: LoginIdentity, discover: Discover): KeyValues {
  // RFC 7143 appendix C: "All" belongs to discovery sessions, and an empty value asks a normal session's target for its addresses.
  if (identity.sessionType === 'Discovery') return targetRecords(discover(value === 'All' ? undefined : value));
  if (value !== '' && value !== identity.targetName) return [['SendTargets', 'Reject']];
  return targetRecords(discover(identity.targetName));
}
