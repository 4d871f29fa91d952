/** Discovery through an iSNS server: the same list as SendTargets gives. */
import { type EventSink, ignoreEvents } from '../../base/event.ts';
import { type FoundTarget, portalText } from '../../storage/iscsi/initiator/index.ts';
import { discoverIsnsTargets, IsnsClient, type IsnsLimits } from '../../storage/isns/index.ts';
import { targetUnreachable } from '../../storage/isns/events.ts';
import { dialFrom } from '../iscsi/dial.ts';
import { initiatorNameOf } from '../iscsi/options.ts';
import { systemRng } from '../system-rng.ts';
import { wallClock } from '../wall-clock.ts';
import { isnsLimitsOf } from './connection.ts';
import { IsnsFailure } from './failure.ts';
import { isnsServerOf } from './server-address.ts';

export interface IsnsDiscoverOptions {
  /** In whose name is asked: the server shows the targets of its discovery domains. Default: one made from the host's name. */
  readonly initiatorName?: string;
  /** Until the answer is here; default 15 s. */
  readonly timeoutMilliseconds?: number;
  readonly limits?: Partial<IsnsLimits>;
  readonly events?: EventSink;
  readonly signal?: AbortSignal;
}

/** Asks an iSNS server, `host[:port]`, which targets there are and where. Rejects with an IsnsFailure. */
export async function discoverByIsns(server: string, options: IsnsDiscoverOptions = {}): Promise<readonly FoundTarget[]> {
  const { signal, events = ignoreEvents } = options;
  const address = isnsServerOf(server);
  const source = `isns ${portalText(address)}`;
  signal?.throwIfAborted();
  const client = new IsnsClient(address, source, isnsLimitsOf(options), {
    clock: wallClock(),
    rng: systemRng,
    dial: dialFrom(undefined),
    events,
  });
  const abort = (): void => client.close();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await new Promise<readonly FoundTarget[]>((resolve, reject) => {
      discoverIsnsTargets(client, initiatorNameOf(options), (found, error) => {
        if (error !== undefined) return reject(signal?.aborted === true ? signal.reason : new IsnsFailure(error));
        for (const target of found!.unreachable) targetUnreachable(events, source, { target });
        resolve(found!.targets);
      });
    });
  } finally {
    signal?.removeEventListener('abort', abort);
    client.close();
  }
}
