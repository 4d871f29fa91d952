/** What an iSCSI adapter of a host is told: who it is, whom it asks for targets, which targets it is given, and how it logs in to each. */
import type { ChapCredentials } from '../chap.ts';
import type { InitiatorLimits } from '../initiator/limits.ts';
import { type PortalAddress, portalText } from '../initiator/portal-address.ts';

export interface TargetAccess {
  readonly chap: ChapCredentials | undefined;
  /** False: where the target asks for no authentication, none is given. */
  readonly chapRequired: boolean;
  readonly limits: InitiatorLimits;
  /** Says everything above without a secret: where it differs, the session has to be made anew. */
  readonly key: string;
}

export interface TargetAddress {
  readonly name: string;
  readonly address: PortalAddress;
}

export interface ServerConfig {
  readonly address: PortalAddress;
  /** For the discovery session itself. */
  readonly access: TargetAccess;
}

export interface AdapterConfig {
  readonly initiatorName: string;
  readonly initiatorAlias: string | undefined;
  /** Asked for their targets (dynamic discovery). */
  readonly servers: readonly ServerConfig[];
  /** Given by name and address (static discovery). */
  readonly targets: readonly TargetAddress[];
  /** `server`: the text of the server that named the target; undefined for one that was given. */
  readonly accessOf: (target: TargetAddress, server: string | undefined) => TargetAccess;
}

export const targetKey = ({ name, address }: TargetAddress): string => `${portalText(address)} ${name}`;

/** Bounds of what servers and targets can make an adapter remember. */
export interface AdapterLimits {
  /** Targets an adapter knows; what servers name beyond is left out, with an event. */
  readonly targets: number;
  /** Logical units of one target that are looked at. */
  readonly units: number;
  /** Units looked at at once in one session. */
  readonly unitsAtOnce: number;
}

export const defaultAdapterLimits: AdapterLimits = { targets: 1024, units: 1024, unitsAtOnce: 8 };
