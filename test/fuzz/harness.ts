/** A storage array in memory with its clock and its connections, stepped by the test: every run can be replayed from a seed. */
import { type FabricEvent } from '../../src/base/event.ts';
import { seededRng } from '../../src/base/rng.ts';
import { storageArray, type StorageArray } from '../../src/device/storage-array.ts';
import type { BackingStore } from '../../src/storage/block/backing-store.ts';
import { StepClock } from '../../src/storage/block/testing/step-clock.ts';
import { defaultLimits, type TargetLimits } from '../../src/storage/iscsi/limits.ts';
import type { UnitConfig, UnitOptions } from '../../src/storage/scsi/logical-unit.ts';
import { MemoryWire, type WireOptions } from './memory-wire.ts';
import { type InitiatorOptions, RawInitiator, type Result, type Task } from './raw-initiator.ts';

export const TARGET = 'iqn.2026-01.net.samewire:disk';

export interface HarnessUnit {
  readonly store: BackingStore;
  readonly blockBytes?: 512 | 4096;
  readonly config?: Partial<UnitConfig>;
  readonly options?: UnitOptions;
}

export interface HarnessOptions {
  /** LUNs 0, 1, ... by target name. */
  readonly targets: Readonly<Record<string, readonly HarnessUnit[]>>;
  readonly limits?: Partial<TargetLimits>;
  readonly seed?: number;
  readonly clock?: StepClock;
}

/** One initiator, its wire, and the waiting for its results. */
export interface Session {
  readonly initiator: RawInitiator;
  readonly wire: MemoryWire;
  /** Sends a command and steps everything until its result is there. */
  run(task: Task): Result;
}

export class Harness {
  readonly clock: StepClock;
  readonly array: StorageArray;
  readonly wires = new Set<MemoryWire>();
  readonly events: FabricEvent[] = [];
  #connections = 0;

  constructor(options: HarnessOptions) {
    this.clock = options.clock ?? new StepClock();
    this.array = storageArray({
      name: 'array1',
      clock: this.clock,
      rng: seededRng(options.seed ?? 1),
      events: (event) => {
        this.events.push(event);
        if (this.events.length > 200) this.events.splice(0, 100);
      },
      limits: { ...defaultLimits, pingAfterNanos: 0, ...options.limits },
      discoveryChap: undefined,
      groups: [],
      portals: [{ groupTag: 1, announce: undefined }],
      targets: Object.entries(options.targets).map(([name, units]) => ({
        name,
        alias: undefined,
        portalGroups: [1],
        units: units.map((unit, lun) => ({ lun, config: configOf(unit, lun), store: unit.store, options: unit.options ?? {} })),
        grant: () => ({ chap: undefined }),
        movedTo: undefined,
      })),
    });
  }

  get service(): StorageArray['service'] {
    return this.array.service;
  }

  /** A connection to the portal with nothing said yet. */
  connect(options: WireOptions = {}): MemoryWire {
    this.#connections += 1;
    const wire = new MemoryWire(`192.0.2.9:${this.#connections}`, options);
    const { receiver, attach } = this.service.accept(this.service.portals[0]!);
    wire.connect(receiver);
    attach(wire);
    this.wires.add(wire);
    return wire;
  }

  /** A session that has logged in. */
  login(options: Partial<InitiatorOptions> = {}, wireOptions: WireOptions = {}): Session {
    const wire = this.connect(wireOptions);
    const initiator = new RawInitiator({
      name: 'iqn.2026-01.net.example:host1',
      target: TARGET,
      send: (bytes) => wire.send(bytes),
      ...options,
    });
    wire.onBytes = (bytes) => initiator.handleBytes(bytes);
    initiator.login();
    this.until(() => initiator.loginStatus !== undefined);
    if (!initiator.loggedIn) throw new Error(`the login was refused: ${initiator.loginStatus}`);
    return {
      initiator,
      wire,
      run: (task) => {
        const tag = initiator.execute(task);
        this.until(() => initiator.results.has(tag));
        const result = initiator.results.get(tag)!;
        initiator.results.delete(tag);
        return result;
      },
    };
  }

  /** Moves bytes until there are none to move; timers stand still. */
  pump(): void {
    for (let moved = true; moved; ) {
      moved = false;
      for (const wire of this.wires) {
        while (wire.pump()) moved = true;
        if (wire.closed && wire.queuedBytes === 0) this.wires.delete(wire);
      }
    }
  }

  /** Moves bytes and time until `condition` holds. */
  until(condition: () => boolean): void {
    for (let steps = 0; ; steps += 1) {
      this.pump();
      if (condition()) return;
      if (!this.clock.step() || steps === 1_000_000) throw new Error('everything came to rest, and what was waited for did not happen');
    }
  }

  /** Lets `nanos` pass. */
  elapse(nanos: number): void {
    let over = false;
    this.clock.after(nanos, () => {
      over = true;
    });
    this.until(() => over);
  }

  /** Commands, held memory and sessions, all of which must be gone when everybody has left. */
  leftovers(): { readonly reservedBytes: number; readonly sessions: number; readonly commands: number; readonly tasks: number } {
    const sessions = this.service.sessions();
    return {
      reservedBytes: this.service.staging.reservedBytes,
      sessions: sessions.length,
      commands: sessions.reduce((sum, session) => sum + session.commands.size, 0),
      tasks: this.array.units.reduce((sum, { unit }) => sum + unit.tasks.size, 0),
    };
  }
}

function configOf(unit: HarnessUnit, lun: number): UnitConfig {
  return {
    identity: { vendor: 'SAMEWIRE', product: 'FUZZ', revision: '0001', serial: `fuzz-${lun}`, naa: new Uint8Array(16).fill(0x60 + lun) },
    blockBytes: unit.blockBytes ?? 512,
    physicalBlockExponent: 0,
    thin: unit.store.unmapGranularityBytes !== 0,
    readOnly: false,
    removable: false,
    ...unit.config,
  };
}
