/**
 * One disk over several iSCSI sessions while cables are cut and muffled and the array moves its port groups from state to state: every command ends
 * exactly once, reads give what a model of the disk has, and in the end so does the disk itself.
 */
import { describe, expect, it } from 'vitest';
import { MILLISECOND, SECOND } from '../../src/base/clock.ts';
import { below, chance, type Rng, seededRng } from '../../src/base/rng.ts';
import { FaultyStore } from '../../src/storage/block/faulty.ts';
import { MemoryStore } from '../../src/storage/block/memory.ts';
import type { AccessState } from '../../src/storage/scsi/access-states.ts';
import type { MultipathLimits } from '../../src/storage/multipath/index.ts';
import { compareAndWrite, read, write } from '../../src/wire/scsi/cdb.ts';
import { MultipathBench } from './multipath-bench.ts';

const BLOCK_BYTES = 512;
const SLOTS = 64;
const SLOT_BLOCKS = 8;
const SLOT_BYTES = SLOT_BLOCKS * BLOCK_BYTES;
const DEPTH = 24;

/** What a slot may hold: one content, or two after a command of which nobody knows whether it was carried out. */
type Slot = { possible: readonly number[]; isBusy: boolean };

const SETTABLE: readonly AccessState[] = ['active-optimized', 'active-optimized', 'active-nonoptimized', 'standby', 'unavailable'];

/** A slot full of a number that no other write has; zero is what the disk begins with. */
function content(version: number, blocks = SLOT_BLOCKS): Uint8Array {
  const bytes = new Uint8Array(blocks * BLOCK_BYTES);
  if (version !== 0) new Uint32Array(bytes.buffer).forEach((_, index, words) => (words[index] = version * 2654435761 + index));
  return bytes;
}

class Storm {
  readonly bench: MultipathBench;
  readonly rng: Rng;
  readonly memory = new MemoryStore({ sizeBytes: 32 * 1024 * 1024, thin: true });
  readonly slots: Slot[] = Array.from({ length: SLOTS }, () => ({ possible: [0], isBusy: false }));
  readonly problems: string[] = [];
  /** Commands that ended without anybody knowing whether they were carried out. */
  unknown = 0;
  sent = 0;
  ended = 0;
  underWay = 0;
  #version = 0;
  readonly #isOver: () => boolean;

  constructor(seed: number, paths: number, commands: number, limits: Partial<MultipathLimits>) {
    this.rng = seededRng(seed);
    const backOffs = { backOffNanos: 5 * MILLISECOND, backOffMaxNanos: 50 * MILLISECOND };
    this.#isOver = () => this.sent >= commands;
    this.bench = new MultipathBench({
      paths,
      seed,
      store: (clock) => new FaultyStore(this.memory, { clock, rng: seededRng(seed + 1), delayNanos: [0, 2 * MILLISECOND] }),
      limits: { noPathNanos: Number.POSITIVE_INFINITY, attempts: 1000, transitionPollNanos: 5 * MILLISECOND, ...backOffs, ...limits },
      initiator: { pingAfterNanos: 50 * MILLISECOND, pingTimeoutNanos: 50 * MILLISECOND, ...backOffs },
    });
  }

  start(): void {
    for (let index = 0; index < DEPTH; index += 1) this.#next();
    for (let path = 0; path < this.bench.cables.length; path += 1) this.#disturbCable(path);
    this.#disturbAccess();
  }

  // ---- the load ----

  #next(): void {
    if (this.#isOver()) return;
    const free = this.slots.map((slot, index) => (slot.isBusy ? -1 : index)).filter((index) => index !== -1);
    const index = free[below(this.rng, free.length)]!;
    const slot = this.slots[index]!;
    const kind = below(this.rng, 8);
    slot.isBusy = true;
    this.sent += 1;
    this.underWay += 1;
    if (kind < 4) this.#read(index, slot);
    else if (kind < 7 || slot.possible.length !== 1) this.#write(index, slot);
    else this.#compareAndWrite(index, slot);
  }

  #end(slot: Slot): () => boolean {
    let times = 0;
    return () => {
      times += 1;
      if (times > 1) {
        this.problems.push(`a command ended ${times} times`);
        return false;
      }
      this.ended += 1;
      this.underWay -= 1;
      slot.isBusy = false;
      // Not at once: whoever ends commands must not find new ones under its feet every time.
      this.bench.clock.after(below(this.rng, 2 * MILLISECOND), () => this.#next());
      return true;
    };
  }

  #read(index: number, slot: Slot): void {
    const end = this.#end(slot);
    const request = { cdb: read(index * SLOT_BLOCKS, SLOT_BLOCKS), dataInBytes: SLOT_BYTES, attentionRetries: 16 };
    this.bench.unit.submit(request, (answer, failure) => {
      if (!end()) return;
      if (failure !== undefined || answer!.status !== 0)
        return void this.problems.push(`a read failed: ${failure?.reason ?? `status ${answer!.status}`}`);
      const found = slot.possible.find((version) => Buffer.compare(answer!.data, content(version)) === 0);
      if (found === undefined) this.problems.push(`slot ${index} reads as none of ${slot.possible.join(', ')}`);
      else slot.possible = [found];
    });
  }

  #write(index: number, slot: Slot): void {
    const end = this.#end(slot);
    this.#version += 1;
    const version = this.#version;
    const request = { cdb: write(index * SLOT_BLOCKS, SLOT_BLOCKS), dataOut: [content(version)], attentionRetries: 16 };
    this.bench.unit.submit(request, (answer, failure) => {
      if (!end()) return;
      if (failure === undefined && answer!.status === 0) slot.possible = [version];
      else {
        slot.possible = [...slot.possible, version];
        this.problems.push(`a write failed: ${failure?.reason ?? `status ${answer!.status}`}`);
      }
    });
  }

  /** Never sent twice: a second time it would find its own data. */
  #compareAndWrite(index: number, slot: Slot): void {
    const end = this.#end(slot);
    this.#version += 1;
    const version = this.#version;
    const [before] = slot.possible;
    const cdb = compareAndWrite(index * SLOT_BLOCKS, SLOT_BLOCKS);
    this.bench.unit.submit({ cdb, dataOut: [content(before!), content(version)], attentionRetries: 16 }, (answer, failure) => {
      if (!end()) return;
      if (failure === undefined && answer!.status === 0) slot.possible = [version];
      else if (failure === undefined) this.problems.push(`COMPARE AND WRITE of slot ${index} ended with status ${answer!.status}`);
      else {
        if (failure.reason !== 'path-lost') this.problems.push(`COMPARE AND WRITE failed: ${failure.reason}`);
        slot.possible = [before!, version];
        this.unknown += 1;
      }
    });
  }

  // ---- what disturbs it ----

  #disturbCable(path: number): void {
    const { bench, rng } = this;
    bench.clock.after(10 * MILLISECOND + below(rng, 150 * MILLISECOND), () => {
      if (this.#isOver()) return;
      const lasting = below(rng, 60 * MILLISECOND);
      if (chance(rng, 0.2)) {
        bench.muffle(path, true);
        bench.clock.after(lasting * 5, () => bench.muffle(path, false));
      } else {
        bench.cut(path);
        bench.clock.after(lasting, () => bench.mend(path));
      }
      this.#disturbCable(path);
    });
  }

  #disturbAccess(): void {
    const { bench, rng } = this;
    const [unit] = bench.target.units;
    bench.clock.after(5 * MILLISECOND + below(rng, 100 * MILLISECOND), () => {
      if (this.#isOver()) return;
      const group = 1 + below(rng, bench.cables.length);
      const state = SETTABLE[below(rng, SETTABLE.length)]!;
      if (chance(rng, 0.3)) {
        unit!.setAccessState(group, 'transitioning');
        bench.clock.after(below(rng, 50 * MILLISECOND), () => unit!.setAccessState(group, state));
      } else unit!.setAccessState(group, state);
      this.#disturbAccess();
    });
  }

  /** Everything is as it should be again, for as long as it takes to finish. */
  finish(): void {
    const { bench } = this;
    bench.run(() => this.#isOver(), 5_000_000);
    bench.elapse(10 * SECOND);
    for (let path = 0; path < bench.cables.length; path += 1) {
      bench.mend(path);
      bench.muffle(path, false);
      bench.target.units[0]!.setAccessState(path + 1, 'active-optimized');
    }
    bench.run(() => this.underWay === 0, 1_000_000);
    bench.elapse(20 * SECOND);
  }

  /** What the disk holds, past everything. */
  verify(): void {
    for (const [index, slot] of this.slots.entries()) {
      this.memory.read(index * SLOT_BYTES, SLOT_BYTES, (_, data) => {
        const bytes = Buffer.concat(data!.views as Uint8Array[]);
        if (!slot.possible.some((version) => Buffer.compare(bytes, content(version)) === 0))
          this.problems.push(`slot ${index} holds none of ${slot.possible.join(', ')}`);
      });
    }
  }
}

const seeds = process.env['SAMEWIRE_FUZZ_SEED'] === undefined ? [1, 2, 3, 4, 5, 6] : [Number(process.env['SAMEWIRE_FUZZ_SEED'])];
const COMMANDS = Number(process.env['SAMEWIRE_FUZZ_COMMANDS'] ?? 20_000);
const POLICIES = ['round-robin', 'least-queue-depth', 'failover'] as const;

describe('a storm of cut cables and changing access', () => {
  it.each(seeds)('loses no byte, and ends every command once: seed %i', (seed) => {
    const replay = `SAMEWIRE_FUZZ_SEED=${seed} SAMEWIRE_FUZZ_COMMANDS=${COMMANDS} npx vitest run test/scenario/multipath.test.ts`;
    const policy = POLICIES[seed % POLICIES.length]!;
    const failbackNanos = seed % 2 === 0 ? 0 : 50 * MILLISECOND;
    const storm = new Storm(seed, 2 + (seed % 2), COMMANDS, {
      policy,
      failbackNanos,
      checkNanos: 100 * MILLISECOND,
      activate: seed % 4 !== 3,
    });
    storm.start();
    storm.finish();
    storm.verify();
    const { bench } = storm;
    expect([replay, storm.problems]).toEqual([replay, []]);
    expect([replay, storm.ended, storm.sent]).toEqual([replay, COMMANDS, COMMANDS]);
    // No command failed but those that must not be sent twice, and some of these did.
    expect([replay, storm.unknown > 0]).toEqual([replay, true]);
    expect([replay, bench.unit.situation, bench.unit.status.commandsWaiting]).toEqual([replay, 'ready', 0]);
    expect([replay, bench.unit.paths().map(({ state, commandsInFlight }) => [state, commandsInFlight])]).toEqual([
      replay,
      bench.cables.map(() => ['up', 0]),
    ]);
    // It was a storm: paths were lost under way, commands moved, access changed.
    for (const name of ['multipath-path-down', 'multipath-command-moved', 'multipath-access-changed', 'multipath-failed-over'])
      expect([replay, name, (bench.eventCounts.get(name) ?? 0) > 9]).toEqual([replay, name, true]);
    bench.close();
    expect([replay, bench.target.service.sessions().length]).toEqual([replay, 0]);
  });
});
