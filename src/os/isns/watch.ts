/** Being told of changes by an iSNS server (RFC 4171 §5.6.5.5, §5.6.5.8): a node of our own, a port it is told at, and its registration. */
import { type EventSink, ignoreEvents } from '../../base/event.ts';
import { parsePortal, portalText } from '../../storage/iscsi/initiator/index.ts';
import { isnsError, type IsnsLimits, type NodeChange, type Notice, Registrar } from '../../storage/isns/index.ts';
import { CHANGE_ADDED, CHANGE_REMOVED, CHANGE_UPDATED, NODE_INITIATOR } from '../../wire/isns/index.ts';
import { dialFrom } from '../iscsi/dial.ts';
import { systemRng } from '../system-rng.ts';
import { wallClock } from '../wall-clock.ts';
import { IsnsConnection, isnsLimitsOf, type IsnsOptions } from './connection.ts';
import { IsnsFailure } from './failure.ts';
import { listenForNotices } from './notice-listener.ts';
import { isnsServerOf } from './server-address.ts';

export interface WatchOptions {
  /** The node that is told: it is registered as an initiator, under an entity of the same name. */
  readonly name: string;
  /** An address of this machine that the server reaches. Default: the one that leads to the server. */
  readonly address?: string;
  readonly transport?: 'tcp' | 'udp';
  /** Bits of RFC 4171 §6.4.4; default: added, removed and updated. */
  readonly bitmap?: number;
  readonly onChanges: (changes: readonly NodeChange[]) => void;
  readonly limits?: Partial<IsnsLimits>;
  readonly timeoutMilliseconds?: number;
  readonly events?: EventSink;
}

export interface Watch extends AsyncDisposable {
  /** Where the server tells us. */
  readonly listening: string;
  /** Deregisters the node. */
  close(): Promise<void>;
}

/** Resolves when the server has agreed; rejects with an IsnsFailure, or an Error of one clear sentence. */
export async function watchIsns(server: string, options: WatchOptions): Promise<Watch> {
  const { name, events = ignoreEvents, transport = 'tcp' } = options;
  const limits = isnsLimitsOf(options);
  const target = isnsServerOf(server);
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const address = options.address ?? (await addressTowards(server, { source: name, events, limits }));
    const source = `isns ${portalText(target)}`;
    const clock = wallClock();
    const handleNotice = (notice: Notice): void => {
      if (notice.type === 'changes' && notice.node === name) options.onChanges(notice.changes);
    };
    const owns = (entity: string): boolean => entity === name;
    const listener = await listenForNotices(address, { port: 0, transport }, limits, { clock, events, source, owns, handleNotice });
    closers.push(() => listener.close());
    await new Promise<void>((resolve, reject) => {
      const registrar = new Registrar(
        {
          server: target,
          source,
          node: name,
          entity: {
            identifier: name,
            portals: [{ address, port: listener.port.port, notifications: listener.port }],
            nodes: [{ name, type: NODE_INITIATOR }],
          },
          notifications: options.bitmap ?? CHANGE_ADDED | CHANGE_REMOVED | CHANGE_UPDATED,
        },
        limits,
        { clock, rng: systemRng, dial: dialFrom(undefined), events },
        // Later failures mend themselves; the first is for whoever asked.
        { handleRegistered: resolve, handleFailure: (error) => reject(new IsnsFailure(error)), handleNotice },
      );
      closers.push(() => new Promise<void>((stopped) => registrar.stop(stopped)));
      registrar.start();
    });
    return { listening: portalText({ host: address, port: listener.port.port }), close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Our end of a connection to the server. */
async function addressTowards(server: string, options: IsnsOptions): Promise<string> {
  await using connection = new IsnsConnection(server, options);
  await connection.everything();
  const local = parsePortal(connection.core.local ?? '');
  if (local === undefined)
    throw new IsnsFailure(isnsError('usage', 'which address of this machine the server reaches is not known: say which'));
  return local.host.replace(/%.*$/, '');
}
