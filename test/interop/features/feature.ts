/** What our initiator can do, tried at targets that are not ours: features, the targets they run against, and what comes of it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { FabricEvent } from '../../../src/base/event.ts';
import {
  type BlockDevice,
  connectIscsi,
  IscsiError,
  type IscsiOptions,
  type IscsiSession,
  openIscsiSession,
} from '../../../src/os/iscsi/index.ts';

export const UNIT_BYTES = 32 * 1024 * 1024;
export const USER = 'alice';
/** Of 12 to 16 bytes: more than that not every target takes. */
export const SECRET = 'alice-is-alice';
export const TARGET_USER = 'disk';
export const TARGET_SECRET = 'disk-is-a-disk';

/** Of all targets that were started, none with the same options is started twice. */
export interface TargetOptions {
  readonly way?: 'open' | 'chap' | 'mutual';
  readonly blockBytes?: 512 | 4096;
  /** How many logical units, each of `UNIT_BYTES`. */
  readonly units?: number;
  /** Units that give space back. */
  readonly thin?: boolean;
  /** A target apart from those that others use, under this name. */
  readonly apart?: string;
  /** iSCSI keys that the target is to be set to. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Logins are sent on to this portal, where a target of the same name is. */
  readonly redirectTo?: string;
}

export interface FeatureUnit {
  readonly lun: number;
  /** SHA-256 of a part of what the target has stored, looked up past its iSCSI; undefined: it can't be reached. */
  readonly sha256: ((start: number, bytes: number) => Promise<string>) | undefined;
}

export interface FeatureTarget {
  readonly portal: string;
  readonly name: string;
  readonly units: readonly FeatureUnit[];
}

export interface TargetKind {
  readonly name: string;
  /** Throws `NotSupported` where there is no such thing. */
  readonly start: (options?: TargetOptions) => Promise<FeatureTarget>;
  /** A command that is aborted while it is answered takes a StatSN that never comes, now and then. */
  readonly skipsStatusNumbers?: true;
  /** How often it has crashed so far, and the last time in words; undefined: nobody can tell, or it would not start again. */
  readonly crashes?: () => Promise<{ readonly count: number; readonly last: string }>;
  /** Ends everything that was started. */
  readonly stop: () => Promise<void>;
}

/** The peer lacks a feature. The message is the evidence: what it answered, or how it refused to be set up. */
export class NotSupported extends Error {}

export interface Feature {
  readonly id: string;
  readonly title: string;
  readonly run: (bench: FeatureBench) => Promise<void>;
}

export type Outcome =
  /** `note`: what the peer does otherwise than the standard has it. */
  { readonly result: 'yes'; readonly note?: string } | { readonly result: 'peer does not'; readonly evidence: string };

/** Runs a feature: it fails by throwing. */
export async function tryFeature(feature: Feature, kind: TargetKind): Promise<Outcome> {
  const bench = new FeatureBench(kind);
  const before = await kind.crashes?.();
  try {
    await feature.run(bench);
    return bench.note === undefined ? { result: 'yes' } : { result: 'yes', note: bench.note };
  } catch (error) {
    const now = await kind.crashes?.();
    if (now !== undefined && now.count > before!.count) return { result: 'peer does not', evidence: `it crashes: ${now.last}` };
    if (error instanceof NotSupported) return { result: 'peer does not', evidence: error.message };
    throw error;
  } finally {
    await bench.end();
  }
}

export class FeatureBench {
  readonly kind: TargetKind;
  readonly events: FabricEvent[] = [];
  note: string | undefined;
  readonly #cleanUps: (() => unknown)[] = [];

  constructor(kind: TargetKind) {
    this.kind = kind;
  }

  start(options?: TargetOptions): Promise<FeatureTarget> {
    return this.kind.start(options);
  }

  atEnd(action: () => unknown): void {
    this.#cleanUps.push(action);
  }

  async end(): Promise<void> {
    for (const action of this.#cleanUps.splice(0).toReversed()) await action();
  }

  #options(options: IscsiOptions): IscsiOptions {
    // Machines without hardware virtualization are slow: no command of ours may run into a limit for that.
    const patience = { commandTimeoutMilliseconds: 120_000, loginTimeoutMilliseconds: 60_000 };
    return { environment: {}, ...patience, ...options, events: (event) => void this.events.push(event) };
  }

  async session(target: FeatureTarget, options: IscsiOptions = {}, portal = target.portal): Promise<IscsiSession> {
    const session = await openIscsiSession(`iscsi://${portal}/${target.name}`, this.#options(options));
    this.atEnd(() => session.close());
    return session;
  }

  /** One of its units, with a session of its own. */
  async disk(target: FeatureTarget, options: IscsiOptions = {}, unit = 0, portal = target.portal): Promise<BlockDevice> {
    const disk = await connectIscsi(`iscsi://${portal}/${target.name}/${target.units[unit]!.lun}`, this.#options(options));
    this.atEnd(() => disk.close());
    return disk;
  }

  /** What the login of a session agreed on. */
  agreed(session: IscsiSession): NonNullable<IscsiSession['core']['login']>['parameters'] {
    return session.core.login!.parameters;
  }

  saw(name: string): boolean {
    return this.events.some((event) => event.name === name);
  }
}

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
export const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** What was written is what is read, and what the target has stored. */
export async function holds(disk: BlockDevice, unit: FeatureUnit, lba: number, data: Uint8Array, what: string): Promise<void> {
  assert(sameBytes(await disk.read(lba, data.length / disk.blockBytes), data), `${what}: read back`);
  if (unit.sha256 === undefined) return;
  assert.equal(await unit.sha256(lba * disk.blockBytes, data.length), sha256(data), `${what}: as stored`);
}

const INVALID_OPERATION = 0x2000;
const INVALID_FIELD_IN_CDB = 0x2400;

/** A command that the device does not know, as `NotSupported`; anything else is passed on. */
export async function supported<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const code = error instanceof IscsiError && error.sense?.key === 'ILLEGAL REQUEST' ? error.sense.code : undefined;
    if (code === INVALID_OPERATION || code === INVALID_FIELD_IN_CDB) throw new NotSupported((error as Error).message);
    throw error;
  }
}
