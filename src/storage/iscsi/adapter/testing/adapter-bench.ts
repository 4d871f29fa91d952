/** Adapters of ours on a bench with targets of ours: one clock that stands still until it is told, streams without sockets. */
import type { FabricEvent } from '../../../../base/event.ts';
import { type Nanos, SECOND } from '../../../../base/clock.ts';
import { seededRng } from '../../../../base/rng.ts';
import { defaultInitiatorLimits, type InitiatorLimits } from '../../initiator/limits.ts';
import { parsePortal, type PortalAddress, portalText } from '../../initiator/portal-address.ts';
import type { SessionServices } from '../../initiator/session.ts';
import { StreamPair } from '../../initiator/testing/stream-pair.ts';
import { type BenchOptions, TargetBench } from '../../testing/target-bench.ts';
import { IscsiAdapter } from '../adapter.ts';
import { type AdapterConfig, defaultAdapterLimits, type TargetAccess } from '../config.ts';

export const HOST_NAME = 'iqn.1998-01.com.vmware:esx1';

export const addressOf = (text: string): PortalAddress => {
  const { host, port } = parsePortal(text)!;
  return { host, port };
};

export interface AccessWords extends Partial<Omit<TargetAccess, 'limits'>> {
  readonly limits?: Partial<InitiatorLimits>;
}

export const accessWords = (words: AccessWords = {}): TargetAccess => ({
  chap: words.chap,
  chapRequired: words.chapRequired ?? false,
  limits: { ...defaultInitiatorLimits, pingAfterNanos: 0, ...words.limits },
  key: words.key ?? '',
});

/** What an adapter is told, as briefly as tests say it: `['192.0.2.1:3260', 'iqn...']` is a target. */
export interface ConfigWords {
  readonly servers?: readonly string[];
  readonly targets?: readonly (readonly [address: string, name: string])[];
  readonly access?: AccessWords;
  readonly accessOf?: AdapterConfig['accessOf'];
}

export const configWords = ({ servers = [], targets = [], access = {}, accessOf }: ConfigWords): AdapterConfig => ({
  initiatorName: HOST_NAME,
  initiatorAlias: undefined,
  servers: servers.map((server) => ({ address: addressOf(server), access: accessWords(access) })),
  targets: targets.map(([address, name]) => ({ address: addressOf(address), name })),
  accessOf: accessOf ?? (() => accessWords(access)),
});

export class AdapterBench {
  readonly target: TargetBench;
  readonly pairs: StreamPair[] = [];
  readonly events: FabricEvent[] = [];
  readonly services: SessionServices;
  /** Which portal of the target listens at an address; where none does, connections are refused. */
  readonly listening = new Map<string, number>();
  #deferred: (() => void)[] = [];

  /** `portals`: the addresses the target listens on, a portal group each. */
  constructor(portals: readonly string[] = ['192.0.2.1:3260'], options: Omit<BenchOptions, 'portals'> = {}) {
    this.target = new TargetBench({ ...options, portals: portals.map((announce, index) => ({ groupTag: index + 1, announce })) });
    for (const [index, address] of portals.entries()) this.listening.set(address, index);
    const { clock, service } = this.target;
    this.services = {
      clock,
      rng: seededRng(7),
      events: (event) => this.events.push(event),
      allocate: (bytes) => new Uint8Array(bytes),
      defer: (action) => void this.#deferred.push(action),
      dial: (address, receiver, opened) => {
        let cancelled = false;
        clock.after(1, () => {
          if (cancelled) return;
          const portal = this.listening.get(portalText(address));
          if (portal === undefined) return receiver.handleClose('connection refused');
          const pair = new StreamPair(`192.0.2.7:${50_000 + this.pairs.length}`, portalText(address));
          const { receiver: theirs, attach } = service.accept(service.portals[portal]!);
          pair.initiator.receiver = receiver;
          pair.target.receiver = theirs;
          this.pairs.push(pair);
          attach(pair.target);
          opened(pair.initiator);
        });
        return { cancel: () => (cancelled = true) };
      },
    };
  }

  adapter(words: ConfigWords, handleUnits: (adapter: IscsiAdapter) => void = () => {}): IscsiAdapter {
    const options = { name: 'vmhba64', source: 'esx1/vmhba64', limits: defaultAdapterLimits, services: this.services };
    return new IscsiAdapter(configWords(words), options, { handleUnits });
  }

  /** Moves bytes until there are none to move; time stands still. */
  settle(): void {
    for (let moved = true; moved; ) {
      moved = false;
      for (const action of this.#deferred.splice(0)) {
        action();
        moved = true;
      }
      for (const pair of this.pairs) if (pair.move()) moved = true;
    }
  }

  /** Lets everything happen until `until` holds, time included. */
  run(until: () => boolean): void {
    this.settle();
    for (let steps = 0; !until(); steps += 1) {
      if (steps > 100_000) throw new Error('it never comes about');
      if (!this.target.clock.step()) throw new Error('nothing happens any more');
      this.settle();
    }
  }

  /** Lets time pass. */
  elapse(nanos: Nanos): void {
    let over = false;
    this.target.clock.after(nanos, () => (over = true));
    this.run(() => over);
  }

  /** Until what was asked for has come about: `act` is given what to call then. */
  wait(act: (done: () => void) => void): void {
    let done = false;
    act(() => (done = true));
    this.run(() => done);
  }

  /** Connections to the address are cut, and no new ones come about, until `listening` has it again. */
  cut(address: string): void {
    this.listening.delete(address);
    for (const pair of this.pairs) if (pair.target.local === address) pair.cut();
    this.settle();
  }

  /** The names of the events since the last call, of these beginnings. */
  news(...beginnings: readonly string[]): string[] {
    return this.events
      .splice(0)
      .filter((event) => beginnings.length === 0 || beginnings.some((beginning) => event.name.startsWith(beginning)))
      .map((event) => event.name);
  }
}

export const AN_HOUR: Nanos = 3600 * SECOND;
