/** A multipath unit over iSCSI sessions to an array with several portals, all in memory and in a time of its own: cables are cut, mended and muffled. */
import type { Nanos } from '../../src/base/clock.ts';
import type { FabricEvent } from '../../src/base/event.ts';
import { seededRng } from '../../src/base/rng.ts';
import type { BackingStore } from '../../src/storage/block/backing-store.ts';
import type { StepClock } from '../../src/storage/block/testing/step-clock.ts';
import { defaultInitiatorLimits, type InitiatorLimits, IscsiNexus, type InitiatorTask } from '../../src/storage/iscsi/initiator/index.ts';
import { StreamPair } from '../../src/storage/iscsi/initiator/testing/stream-pair.ts';
import { DISK, HOST } from '../../src/storage/iscsi/testing/scripted-initiator.ts';
import { TargetBench } from '../../src/storage/iscsi/testing/target-bench.ts';
import { defaultMultipathLimits, type MultipathLimits, MultipathUnit } from '../../src/storage/multipath/index.ts';

export interface MultipathBenchOptions {
  /** Portals, each a target portal group of its own. */
  readonly paths: number;
  readonly seed: number;
  readonly store: (clock: StepClock) => BackingStore;
  readonly limits?: Partial<MultipathLimits>;
  readonly initiator?: Partial<InitiatorLimits>;
}

/** What connects the host to one portal. */
interface Cable {
  pairs: StreamPair[];
  isCut: boolean;
}

export class MultipathBench {
  readonly target: TargetBench;
  readonly clock: StepClock;
  readonly cables: readonly Cable[];
  readonly unit: MultipathUnit<InitiatorTask>;
  readonly eventCounts = new Map<string, number>();
  #deferred: (() => void)[] = [];

  constructor(options: MultipathBenchOptions) {
    const portals = Array.from({ length: options.paths }, (_, index) => ({ groupTag: index + 1, announce: undefined }));
    this.target = new TargetBench({ portals, store: options.store });
    this.clock = this.target.clock;
    this.cables = portals.map(() => ({ pairs: [], isCut: false }));
    const events = (event: FabricEvent): void => void this.eventCounts.set(event.name, (this.eventCounts.get(event.name) ?? 0) + 1);
    const rng = seededRng(options.seed + 1000);
    const source = 'disk';
    this.unit = new MultipathUnit<InitiatorTask>(
      { clock: this.clock, rng, events, source, limits: { ...defaultMultipathLimits, ...options.limits } },
      { handleChange: () => {} },
    );
    for (const [index, cable] of this.cables.entries()) {
      const nexus = new IscsiNexus(
        {
          initiatorName: HOST,
          initiatorAlias: undefined,
          targetName: DISK,
          portals: [{ host: `192.0.2.${index + 1}`, port: 3260 }],
          chap: undefined,
          chapRequired: false,
          isid: undefined,
        },
        { ...defaultInitiatorLimits, ...options.initiator },
        {
          clock: this.clock,
          rng,
          events,
          allocate: (bytes) => new Uint8Array(bytes),
          defer: (action) => void this.#deferred.push(action),
          dial: (_, receiver, opened) => {
            let isCancelled = false;
            this.clock.after(1000, () => {
              if (isCancelled) return;
              if (cable.isCut) return receiver.handleClose('no route to host');
              const pair = new StreamPair(`192.0.2.100:${50_000 + index}`, `192.0.2.${index + 1}:3260`);
              const { receiver: theirs, attach } = this.target.service.accept(this.target.service.portals[index]!);
              pair.initiator.receiver = receiver;
              pair.target.receiver = theirs;
              cable.pairs.push(pair);
              attach(pair.target);
              opened(pair.initiator);
            });
            return { cancel: () => (isCancelled = true) };
          },
        },
      );
      this.unit.add(nexus.path(0));
    }
  }

  cut(path: number): void {
    const cable = this.cables[path]!;
    cable.isCut = true;
    for (const pair of cable.pairs) pair.cut();
  }

  mend(path: number): void {
    this.cables[path]!.isCut = false;
  }

  /** Nothing arrives any more, and nobody is told. */
  muffle(path: number, isMuffled: boolean): void {
    for (const pair of this.cables[path]!.pairs) {
      pair.initiator.held = isMuffled;
      pair.target.held = isMuffled;
    }
  }

  /** Moves bytes until there are none to move; time stands still. */
  settle(): void {
    for (let moved = true; moved; ) {
      moved = false;
      for (const action of this.#deferred.splice(0)) {
        action();
        moved = true;
      }
      for (const cable of this.cables) {
        for (const pair of cable.pairs) if (pair.move()) moved = true;
        cable.pairs = cable.pairs.filter(({ initiator, target }) => !initiator.closed || !target.closed);
      }
    }
  }

  step(): void {
    this.settle();
    if (!this.clock.step()) throw new Error('nothing happens any more');
    this.settle();
  }

  elapse(nanos: Nanos): void {
    const state = { isOver: false };
    this.clock.after(nanos, () => (state.isOver = true));
    while (!state.isOver) this.step();
  }

  /** Lets everything happen until `until` holds. */
  run(until: () => boolean, stepsMax: number): void {
    this.settle();
    for (let steps = 0; !until(); steps += 1) {
      if (steps === stepsMax) throw new Error('it never comes about');
      this.step();
    }
  }

  close(): void {
    let isClosed = false;
    this.unit.close(() => (isClosed = true));
    this.run(() => isClosed, 10_000);
  }
}
