/** From a plan to the devices it means. What only the operating system has (open stores, secrets, time) is handed in. */
import type { Clock } from '../base/clock.ts';
import type { EventSink } from '../base/event.ts';
import type { Rng } from '../base/rng.ts';
import { type StorageArray, storageArray } from '../device/storage-array.ts';
import type { BackingStore } from '../storage/block/backing-store.ts';
import type { ChapAccount, ChapAlgorithm } from '../storage/iscsi/chap.ts';
import { defaultLimits, type TargetLimits } from '../storage/iscsi/limits.ts';
import type { Portal } from '../storage/iscsi/target-context.ts';
import type { DigestChoice } from '../storage/iscsi/parameters.ts';
import type { UnitOptions } from '../storage/scsi/logical-unit.ts';
import { formatAddress } from './address.ts';
import type { DigestChoice as DeclaredDigest } from './model.ts';
import type { ArrayPlan, ChapPlan, TargetPlan, UnitPlan } from './plan.ts';

export interface BuildServices {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly events: EventSink;
  readonly readSecret: (source: ChapPlan['secret']) => Uint8Array;
  /** The store of a unit, open already. */
  readonly store: (target: TargetPlan, unit: UnitPlan) => BackingStore;
  readonly unitOptions: (target: TargetPlan, unit: UnitPlan) => UnitOptions;
  /** Where to send initiators that reach portal `index`; undefined: the address they reached. */
  readonly announce: (index: number) => Portal['announce'];
}

/** Throws what `readSecret` throws. */
export function buildArray(plan: ArrayPlan, services: BuildServices): StorageArray {
  const account = (chap: ChapPlan): ChapAccount => ({
    user: chap.user,
    secret: services.readSecret(chap.secret),
    algorithms: chap.algorithms.map((name) => ALGORITHMS[name]),
    ...(chap.mutual === undefined ? {} : { mutual: { user: chap.mutual.user, secret: services.readSecret(chap.mutual.secret) } }),
  });
  return storageArray({
    name: plan.name,
    clock: services.clock,
    rng: services.rng,
    events: services.events,
    limits: limitsOf(plan),
    discoveryChap: plan.discoveryChap === undefined ? undefined : account(plan.discoveryChap),
    // The address is asked for when it is told: a port that is picked on listening is not known yet.
    portals: plan.portals.map((portal, index) => ({
      groupTag: portal.group,
      get announce() {
        return services.announce(index);
      },
    })),
    groups: plan.groups,
    targets: plan.targets.map((target) => {
      // Secrets are read once, now: a missing one is found before anything listens.
      const grants = target.access.map((access) => ({
        initiator: access.initiator,
        grant: { chap: access.chap === undefined ? undefined : account(access.chap) },
      }));
      const { redirect } = target;
      return {
        name: target.name,
        alias: target.alias,
        portalGroups: [...new Set(target.portals.map((index) => plan.portals[index]!.group))],
        units: target.units.map((unit) => ({
          lun: unit.lun,
          config: unit.config,
          store: services.store(target, unit),
          options: services.unitOptions(target, unit),
        })),
        // An initiator that is named has its own rules; `any` is for those that are not.
        grant: (name) => (grants.find((entry) => entry.initiator === name) ?? grants.find((entry) => entry.initiator === 'any'))?.grant,
        movedTo:
          redirect === undefined ? undefined : { address: formatAddress(redirect.host, redirect.port), permanently: redirect.permanent },
      };
    }),
  });
}

export const ALGORITHMS = { md5: 'MD5', sha1: 'SHA1', sha256: 'SHA-256', 'sha3-256': 'SHA3-256' } as const satisfies Record<
  ChapPlan['algorithms'][number],
  ChapAlgorithm
>;

export const digests = (declared: readonly DeclaredDigest[]): DigestChoice[] =>
  declared.map((choice) => (choice === 'none' ? 'None' : 'CRC32C'));

function limitsOf({ limits, negotiation }: ArrayPlan): TargetLimits {
  return {
    ...defaultLimits,
    commandWindow: limits.commands,
    sessions: limits.sessions,
    connectionsPerSession: limits.connectionsPerSession,
    loginsPending: limits.unfinishedLogins,
    loginTimeoutNanos: limits.loginTimeoutNanos,
    pingAfterNanos: limits.pingAfterNanos,
    pingTimeoutNanos: limits.pingTimeoutNanos,
    headerDigest: digests(negotiation.headerDigest),
    dataDigest: digests(negotiation.dataDigest),
    initialR2T: negotiation.initialR2T,
    immediateData: negotiation.immediateData,
    maxReceiveDataSegmentBytes: negotiation.maxReceiveSegmentBytes,
    firstBurstBytes: negotiation.firstBurstBytes,
    maxBurstBytes: negotiation.maxBurstBytes,
    maxOutstandingR2T: negotiation.maxOutstandingR2T,
    errorRecoveryLevel: negotiation.errorRecoveryLevel,
    time2WaitSeconds: negotiation.time2WaitSeconds,
    time2RetainSeconds: negotiation.time2RetainSeconds,
  };
}
