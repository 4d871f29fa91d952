/** SendTargets (RFC 7143 appendix C): which targets there are, and where. */
import type { KeyValues } from '../../wire/iscsi/key-value.ts';

export interface DiscoveredTarget {
  readonly name: string;
  /** `host:port,tag` for every portal. */
  readonly addresses: readonly string[];
}

/** The records of an answer; a target's addresses follow its name. */
export const targetRecords = (targets: readonly DiscoveredTarget[]): KeyValues =>
  targets.flatMap((target) => [
    ['TargetName', target.name] as const,
    ...target.addresses.map((address) => ['TargetAddress', address] as const),
  ]);
