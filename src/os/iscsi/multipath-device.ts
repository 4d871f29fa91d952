/** One block device over several paths to it: `await using disk = await connectMultipath(['iscsi://192.0.2.1/iqn.../0', 'iscsi://198.51.100.1/iqn.../0'])`. */
import { MILLISECOND, SECOND } from '../../base/clock.ts';
import { type InitiatorLimits, IscsiNexus, type IscsiUrl, type SessionPlan } from '../../storage/iscsi/initiator/index.ts';
import { defaultMultipathLimits, type MultipathLimits, type PathPolicy, type PathStatus } from '../../storage/multipath/index.ts';
import { systemRng } from '../system-rng.ts';
import { wallClock } from '../wall-clock.ts';
import { BlockDevice } from './block-device.ts';
import { urlOf } from './client.ts';
import { usageError } from './iscsi-error.ts';
import { deferToTurnEnd } from './iscsi-session.ts';
import { MultipathRunner } from './multipath-runner.ts';
import { credentialsOf, dialOf, eventsOf, initiatorNameOf, type IscsiOptions, limitsOf } from './options.ts';
import { askFacts } from './unit-identity.ts';

export interface MultipathOptions extends Omit<IscsiOptions, 'recoverySeconds'> {
  /** Default: `round-robin`. Whatever it is, optimized paths come before others. */
  readonly policy?: PathPolicy;
  /** How long commands wait when no path is left: 0 fails them at once, `Infinity` waits for ever. Default 60 s. */
  readonly noPathSeconds?: number;
  /** How long a better path has to be back before it is used again; `manual`: until `failback()`. Default: at once. */
  readonly failbackSeconds?: number | 'manual';
  /** How often every path is checked. Default 5 s. */
  readonly checkSeconds?: number;
  /** Where only standby paths are left, tells the device to make one active. Default: true. */
  readonly activate?: boolean;
  /** How long opening waits for the other paths once there is one. Default 2 s; those that come later are used all the same. */
  readonly openSeconds?: number;
  /** Anything else there is a bound for. */
  readonly multipathLimits?: Partial<MultipathLimits>;
}

/** A block device whose commands take whatever path there is. */
export class MultipathDevice extends BlockDevice {
  /** Every path with its state, in the order of their priorities. */
  paths(): readonly PathStatus[] {
    return this.multipath.paths();
  }

  get multipath(): MultipathRunner {
    return this.runner as MultipathRunner;
  }

  /** Goes back to the best paths now, if failback waits. */
  failback(): void {
    this.multipath.failback();
  }

  /** Told of every change of a path or of its access; the function returned ends that. */
  onChange(listener: () => void): () => void {
    return this.multipath.onChange(listener);
  }

  static async openPaths(runner: MultipathRunner, lun: number, signal?: AbortSignal): Promise<MultipathDevice> {
    return new MultipathDevice(runner, lun, await askFacts(runner, lun, signal), true);
  }
}

/**
 * Logs in by each URL, the first of which comes first under the policy `failover`, and opens the logical unit that all of them lead to. It
 * takes one path that works; the others are tried until the device is closed. Rejects with an IscsiError, also for URLs that lead to different units.
 */
export async function connectMultipath(urls: readonly string[], options: MultipathOptions = {}): Promise<MultipathDevice> {
  const parsed = urls.map((url) => urlOf(url));
  if (parsed.length === 0) throw usageError('Multipath needs at least one URL.');
  const limits = multipathLimitsOf(options);
  if (parsed.length > limits.paths) throw usageError(`${parsed.length} paths are more than the ${limits.paths} that a unit may have.`);
  const links = parsed.map((url) => nexusOf(url, options).path(lunOf(url)));
  if (new Set(links.map(({ name }) => name)).size !== links.length) throw usageError('One of the URLs is there twice.');
  const runner = new MultipathRunner(links, limits, eventsOf(options));
  try {
    await runner.open((options.openSeconds ?? 2) * SECOND, options.signal);
    return await MultipathDevice.openPaths(runner, lunOf(parsed[0]!), options.signal);
  } catch (error) {
    await runner.close();
    throw error;
  }
}

function lunOf({ lun }: IscsiUrl): number {
  if (lun === undefined) throw usageError('The URL names no target and LUN: iscsi://host[:port]/target/lun.');
  return lun;
}

function nexusOf(url: IscsiUrl, options: MultipathOptions): IscsiNexus {
  const { credentials, required } = credentialsOf(options, url);
  const plan: SessionPlan = {
    initiatorName: initiatorNameOf(options),
    initiatorAlias: options.initiatorAlias,
    targetName: url.target ?? '',
    portals: [url.portal],
    chap: credentials,
    chapRequired: required,
    isid: undefined,
  };
  return new IscsiNexus(plan, pathLimitsOf(options, url), {
    clock: wallClock(),
    rng: systemRng,
    events: eventsOf(options),
    dial: dialOf(options),
    defer: deferToTurnEnd,
    allocate: (bytes) => Buffer.allocUnsafeSlow(bytes),
  });
}

/** A path that is silent is found out sooner than a session that has no other way to go. */
const PING_NANOS = 5 * SECOND;

const pathLimitsOf = (options: MultipathOptions, url: IscsiUrl): InitiatorLimits => ({
  ...limitsOf({ ...options, limits: { pingAfterNanos: PING_NANOS, pingTimeoutNanos: PING_NANOS, ...options.limits } }, url),
});

function multipathLimitsOf({
  policy,
  noPathSeconds,
  failbackSeconds,
  checkSeconds,
  activate,
  multipathLimits,
}: MultipathOptions): MultipathLimits {
  for (const seconds of [noPathSeconds, checkSeconds, failbackSeconds === 'manual' ? undefined : failbackSeconds])
    if (seconds !== undefined && !(seconds >= 0)) throw usageError(`${seconds} is no number of seconds to wait.`);
  if (checkSeconds !== undefined && checkSeconds * SECOND < MILLISECOND) throw usageError('Paths are checked once a millisecond at most.');
  return {
    ...defaultMultipathLimits,
    ...(policy === undefined ? {} : { policy }),
    ...(noPathSeconds === undefined ? {} : { noPathNanos: noPathSeconds * SECOND }),
    ...(failbackSeconds === undefined
      ? {}
      : { failbackNanos: failbackSeconds === 'manual' ? Number.POSITIVE_INFINITY : failbackSeconds * SECOND }),
    ...(checkSeconds === undefined ? {} : { checkNanos: checkSeconds * SECOND }),
    ...(activate === undefined ? {} : { activate }),
    ...multipathLimits,
  };
}
