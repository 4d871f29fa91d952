/** What an answer says of the path it came by (SPC-4 §5.16.2, SAM-5 §5.14): whether it goes to the caller, or the command is sent again. */
import { DecodeError } from '../../base/bytes.ts';
import { ADDITIONAL_SENSE, decodeSense, type Sense } from '../../wire/scsi/sense.ts';
import { STATUS_CHECK_CONDITION } from '../../wire/scsi/status.ts';
import type { AsymmetricAccess } from '../../wire/scsi/port-groups-data.ts';
import type { PathAnswer } from './path-link.ts';

export type Judgement =
  /** It is about the command or the unit: every path would say so. */
  | { readonly type: 'done' }
  /** UNIT ATTENTION: it was not carried out, and may be tried again. `access`: what multipath itself wants to know, nobody else. */
  | { readonly type: 'attention'; readonly access: boolean }
  /** Not carried out, because of the access state of the port. */
  | { readonly type: 'access'; readonly state: AsymmetricAccess }
  /** Not carried out: there is no such unit behind this path any more. */
  | { readonly type: 'gone' };

const DONE: Judgement = { type: 'done' };
const GONE: Judgement = { type: 'gone' };
const ATTENTION: Judgement = { type: 'attention', access: false };
const ACCESS_ATTENTION: Judgement = { type: 'attention', access: true };

/** NOT READY because of the port, by additional sense code. A unit that is offline as a whole says so by every path, and nothing is lost by asking. */
const ACCESS_STATES: ReadonlyMap<number, Judgement> = new Map([
  [ADDITIONAL_SENSE.NOT_READY_IN_TRANSITION[0], { type: 'access', state: 'transitioning' }],
  [ADDITIONAL_SENSE.NOT_READY_STANDBY[0], { type: 'access', state: 'standby' }],
  [ADDITIONAL_SENSE.NOT_READY_UNAVAILABLE[0], { type: 'access', state: 'unavailable' }],
]);

/** Undefined: none, or none that can be read. */
export function senseOf(answer: PathAnswer): Sense | undefined {
  if (answer.status !== STATUS_CHECK_CONDITION) return undefined;
  try {
    return decodeSense(answer.sense);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return undefined;
  }
}

export function judge(answer: PathAnswer): Judgement {
  const sense = senseOf(answer);
  if (sense === undefined) return DONE;
  const { key, code } = sense;
  if (key === 'NOT READY') return ACCESS_STATES.get(code) ?? DONE;
  if (key === 'UNIT ATTENTION') return tellsOfAccess(code) ? ACCESS_ATTENTION : ATTENTION;
  if (key === 'ILLEGAL REQUEST' && code === ADDITIONAL_SENSE.LOGICAL_UNIT_NOT_SUPPORTED[0]) return GONE;
  return DONE;
}

/** SPC-4 §5.16.2.5: an access state changed, or should have. */
const tellsOfAccess = (code: number): boolean =>
  code === ADDITIONAL_SENSE.ASYMMETRIC_ACCESS_STATE_CHANGED[0] || code === ADDITIONAL_SENSE.IMPLICIT_TRANSITION_FAILED[0];

/**
 * What to do about a UNIT ATTENTION: read the access states again, also after a reset, which takes the place of other conditions (SAM-5 §5.14); or see
 * first whether there is still the same unit behind the LUN.
 */
export function attentionCalls(sense: Sense): 'nothing' | 'read-access' | 'inspect' {
  if (sense.code === ADDITIONAL_SENSE.REPORTED_LUNS_CHANGED[0]) return 'inspect';
  return tellsOfAccess(sense.code) || sense.code >>> 8 === 0x29 ? 'read-access' : 'nothing';
}
