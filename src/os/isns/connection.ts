/** Questions to an iSNS server as promises, over sockets. */
import { type EventSink, ignoreEvents } from '../../base/event.ts';
import { MILLISECOND } from '../../base/clock.ts';
import {
  defaultIsnsLimits,
  type Deregistered,
  deregistration,
  type DomainRegistration,
  domainDeregistration,
  domainRegistration,
  type EntityRegistration,
  getNext,
  IsnsClient,
  isnsError,
  type IsnsLimits,
  type IsnsObject,
  notificationDeregistration,
  notificationRegistration,
  type Notice,
  objectsOf,
  query,
  queryNodes,
  registrations,
  type Request,
  takeNotice,
} from '../../storage/isns/index.ts';
import { portalText } from '../../storage/iscsi/initiator/index.ts';
import * as wire from '../../wire/isns/index.ts';
import { dialFrom } from '../iscsi/dial.ts';
import { systemRng } from '../system-rng.ts';
import { wallClock } from '../wall-clock.ts';
import { IsnsFailure } from './failure.ts';
import { isnsServerOf } from './server-address.ts';

export interface IsnsOptions {
  /** The iSCSI name in whose name is asked: the server shows what it may see. */
  readonly source: string;
  /** Of a request, from when it was asked for until it is answered; default 15 s. */
  readonly timeoutMilliseconds?: number;
  readonly limits?: Partial<IsnsLimits>;
  readonly events?: EventSink;
  /** What the server says by itself on the connection we opened. */
  readonly onNotice?: (notice: Notice) => void;
}

export const isnsLimitsOf = (options: Pick<IsnsOptions, 'limits' | 'timeoutMilliseconds'>): IsnsLimits => ({
  ...defaultIsnsLimits,
  ...(options.timeoutMilliseconds === undefined ? {} : { requestTimeoutNanos: options.timeoutMilliseconds * MILLISECOND }),
  ...options.limits,
});

export interface Registered {
  /** As it was given, or as the server made it up. */
  readonly entity: string;
  /** Granted by the server; undefined: it did not say. */
  readonly periodSeconds: number | undefined;
  readonly objects: readonly IsnsObject[];
}

/** A client of one server. It connects when it is asked for something, and again when it has to. */
export class IsnsConnection implements AsyncDisposable {
  readonly core: IsnsClient;
  readonly source: string;

  /** `server`: `host[:port]`. Throws an IsnsFailure for what is no address. */
  constructor(server: string, options: IsnsOptions) {
    const { source, events = ignoreEvents, onNotice } = options;
    const address = isnsServerOf(server);
    const clock = wallClock();
    this.source = source;
    this.core = new IsnsClient(
      address,
      `isns ${portalText(address)}`,
      isnsLimitsOf(options),
      { clock, rng: systemRng, dial: dialFrom(undefined), events },
      onNotice === undefined
        ? {}
        : {
            handleNotice: (message, from) =>
              takeNotice(message, from, { clock, events, source: `isns ${from}`, owns: () => true, handleNotice: onNotice }),
          },
    );
  }

  /** Rejects with an IsnsFailure, also where the server refuses. */
  request(request: Request, signal?: AbortSignal): Promise<wire.Message> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const abort = (): void => reject(signal!.reason);
      signal?.addEventListener('abort', abort, { once: true });
      this.core.request(request, (response, error) => {
        signal?.removeEventListener('abort', abort);
        if (error === undefined) resolve(response!);
        else reject(new IsnsFailure(error));
      });
    });
  }

  /** Objects that match the keys, and those related to them; nothing found is an empty list. */
  async query(keys: readonly wire.Attribute[], wanted: readonly number[] = [], signal?: AbortSignal): Promise<IsnsObject[]> {
    try {
      const response = await this.request(query(this.source, keys, wanted), signal);
      return objectsOf(wire.sectionsOf(response.attributes).operating);
    } catch (error) {
      if (error instanceof IsnsFailure && error.status === wire.STATUS_NO_SUCH_ENTRY) return [];
      throw error;
    }
  }

  /** The object behind the one with these keys (of length zero: the first); rejects with status 9 behind the last. */
  async next(keys: readonly wire.Attribute[], wanted: readonly number[] = [], signal?: AbortSignal): Promise<IsnsObject[]> {
    const response = await this.request(getNext(this.source, keys, wanted), signal);
    const { keys: own, operating } = wire.sectionsOf(response.attributes);
    return objectsOf(operating.length === 0 ? own : operating);
  }

  /** Everything about the nodes the source may see: their entities, portals and portal groups. */
  async everything(signal?: AbortSignal): Promise<IsnsObject[]> {
    const objects = await new Promise<readonly IsnsObject[]>((resolve, reject) => {
      signal?.throwIfAborted();
      const abort = (): void => reject(signal!.reason);
      signal?.addEventListener('abort', abort, { once: true });
      queryNodes(this.core, this.source, [], (found, error) => {
        signal?.removeEventListener('abort', abort);
        if (error === undefined) resolve(found!);
        else reject(new IsnsFailure(error));
      });
    });
    // Some servers list a related object once for each that it is related to.
    const seen = new Set<string>();
    return objects.filter((object) => {
      const key = JSON.stringify(object);
      return !seen.has(key) && seen.add(key);
    });
  }

  /** `replace`: what the entity had before goes. */
  async register(entity: EntityRegistration, replace = false, signal?: AbortSignal): Promise<Registered> {
    const objects: IsnsObject[] = [];
    let key: string | undefined;
    for (const request of registrations(this.source, entity, replace)) {
      const { keys, operating } = wire.sectionsOf((await this.request(request, signal)).attributes);
      objects.push(...objectsOf(operating));
      key ??= keys.find((one) => one.tag === wire.TAG_ENTITY_IDENTIFIER)?.value as string | undefined;
    }
    const own = objects.find((object) => object.kind === 'entity');
    const identifier = key ?? own?.identifier ?? entity.identifier;
    if (identifier === undefined) throw new IsnsFailure(isnsError('protocol', 'the server does not say which entity it has made'));
    return { entity: identifier, periodSeconds: own?.periodSeconds, objects };
  }

  async deregister(objects: readonly Deregistered[], signal?: AbortSignal): Promise<void> {
    await this.request(deregistration(this.source, objects), signal);
  }

  /** The source is told of these changes (bits of RFC 4171 §6.4.4); one of its portals has to have a port for them. */
  async notify(bitmap: number, signal?: AbortSignal): Promise<void> {
    await this.request(notificationRegistration(this.source, bitmap), signal);
  }

  async stopNotifying(signal?: AbortSignal): Promise<void> {
    await this.request(notificationDeregistration(this.source), signal);
  }

  /** The ID of the discovery domain that was made, or added to. */
  async registerDomain(domain: DomainRegistration, signal?: AbortSignal): Promise<number> {
    const response = await this.request(domainRegistration(this.source, domain), signal);
    const id = response.attributes.find((one) => one.tag === wire.TAG_DOMAIN_ID && one.value !== undefined)?.value ?? domain.id;
    if (id === undefined) throw new IsnsFailure(isnsError('protocol', 'the server does not say which discovery domain it has made'));
    return id as number;
  }

  async deregisterDomain(id: number, members: readonly string[] = [], signal?: AbortSignal): Promise<void> {
    await this.request(domainDeregistration(this.source, id, members), signal);
  }

  close(): void {
    this.core.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}
