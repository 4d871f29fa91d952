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
import { Stepper } from '../../initiator/testing/stepper.ts';

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
  readonly #stepper: Stepper;

  /** `portals`: the addresses the target listens on, a portal group each. */
  constructor(portals: readonly string[] = ['192.0.2.1:3260'], options: Omit<BenchOptions, 'portals'> = {}) {
    this.target = new TargetBench({ ...options, portals: portals.map((announce, index) => ({ groupTag: index + 1, announce })) });
    this.#stepper = new Stepper(this.target.clock, this.pairs);
    for (const [index, address] of portals.entries()) this.listening.set(address, index);
    const { clock, service } = this.target;
    this.services = {
      clock,
      rng: seededRng(7),
      events: (event) => this.events.push(event),
      allocate: (bytes) => new Uint8Array(bytes),
      defer: (action) => this.#stepper.defer(action),
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

  settle(): void {
    this.#stepper.settle();
  }

  run(until: () => boolean): void {
    this.#stepper.run(until);
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
