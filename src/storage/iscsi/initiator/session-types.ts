/** What a session is made of, and what it tells. */
import type { EventSink } from '../../../base/event.ts';
import { hex } from '../../../base/bytes.ts';
import type { Rng } from '../../../base/rng.ts';
import type { Isid } from '../../../wire/iscsi/login.ts';
import type { Sense } from '../../../wire/scsi/sense.ts';
import type { ChapCredentials } from '../chap.ts';
import type { ConnectionServices } from './connection-types.ts';
import type { InitiatorError } from './errors.ts';
import { type InitiatorLimits, initiatorOffer } from './limits.ts';
import type { LoginPlan } from './login.ts';
import type { PortalAddress } from './portal-address.ts';

export interface SessionPlan {
  readonly initiatorName: string;
  readonly initiatorAlias: string | undefined;
  readonly targetName: string;
  /** Tried in this order, and used in turn by the connections of a session; all of one portal group. At least one. */
  readonly portals: readonly PortalAddress[];
  readonly chap: ChapCredentials | undefined;
  /** False: where the target asks for no authentication, none is given. Mutual CHAP is always required. */
  readonly chapRequired: boolean;
  /** Undefined: a random one. */
  readonly isid: Isid | undefined;
}

export interface SessionServices extends ConnectionServices {
  readonly events: EventSink;
  /** Makes the buffers for data-in whose commands bring none. */
  readonly allocate: (bytes: number) => Uint8Array;
}

export type SessionState =
  /** Not logged in yet. */
  | 'connecting'
  | 'logged-in'
  /** The last connection was lost, or the target asked for a logout: commands wait. */
  | 'recovering'
  /** Takes no more commands; finishes those it has. */
  | 'closing'
  | 'closed';

export interface SessionSink {
  /** `error`: what led there, for `recovering` and `closed`. */
  handleState(state: SessionState, error: InitiatorError | undefined): void;
  /** A unit told of something that happened to it: by a UNIT ATTENTION or an asynchronous message. */
  handleAttention(lun: number, sense: Sense): void;
  /** The queue has room again. */
  handleRoom(): void;
}

/** RFC 7143 §11.12.5: type 10b, random. */
export function randomIsid({ rng }: { readonly rng: Rng }): Isid {
  const bytes = rng.fill(new Uint8Array(6));
  bytes[0] = 0x80;
  return hex(bytes);
}

/** What every login of a session says. */
export function loginWords(
  { initiatorName, initiatorAlias, targetName, chap, chapRequired }: SessionPlan,
  isid: Isid,
  limits: InitiatorLimits,
): Omit<LoginPlan, 'tsih' | 'connectionId' | 'commandSequenceNumber'> {
  const required = chapRequired || chap?.mutual !== undefined;
  return { initiatorName, initiatorAlias, targetName, isid, chap, chapRequired: required, offer: initiatorOffer(limits) };
}
