/**
 * The whole device against plain models: initiators that read, write, unmap, write the same, compare and write and reserve at the same
 * time, over stores that complete late and out of order, and connections that are cut. Every block's history must have a serial order,
 * no block is ever torn, and reservations let through whom they should. SAMEWIRE_FUZZ_RUNS and SAMEWIRE_FUZZ_SEED override.
 */
import { describe, expect, it } from 'vitest';
import { be32, putBe16, putBe32, putBe64 } from '../../src/base/bytes.ts';
import { MILLISECOND } from '../../src/base/clock.ts';
import { below, chance, type Rng, seededRng } from '../../src/base/rng.ts';
import { FaultyStore } from '../../src/storage/block/faulty.ts';
import { MemoryStore } from '../../src/storage/block/memory.ts';
import { StepClock } from '../../src/storage/block/testing/step-clock.ts';
import { cdb10, cdb16, compareAndWriteCdb, unmapCdb, unmapList } from '../../src/storage/scsi/testing/block-cdbs.ts';
import { ACTIONS } from '../../src/storage/scsi/testing/persistent-reserve.ts';
import { Harness, type Session, TARGET } from './harness.ts';
import { type BlockOperation, type Happening, isLinearizable } from './linearizable.ts';
import type { Result, Task } from './raw-initiator.ts';
import { MODEL_TYPES, type ModelType, ReservationModel } from './reservation-model.ts';

const RUNS = Number(process.env['SAMEWIRE_FUZZ_RUNS'] ?? 60);
const SEED = Number(process.env['SAMEWIRE_FUZZ_SEED'] ?? 1);
const STEPS = 220;
const INITIATORS = 3;
const BLOCK_BYTES = 512;
const UNIT_BLOCKS = 12;
const UNITS = 2;

const STATUS_CHECK_CONDITION = 0x02;
const STATUS_CONFLICT = 0x18;
const UNIT_ATTENTION = 6;
const MISCOMPARE = 14;

interface Request {
  readonly task: Task;
  readonly writes: boolean;
  readonly lba: number;
  readonly blocks: number;
  /** What the command did to block `index` of its range, known once it succeeded. */
  readonly effect: (result: Result | undefined, index: number) => BlockOperation | undefined;
}

interface Pending {
  readonly request: Request;
  readonly lun: number;
  readonly begin: number;
  readonly conflicts: boolean;
}

/** A block that one number fills. */
function stamped(value: number, blocks = 1): Uint8Array {
  const bytes = new Uint8Array(blocks * BLOCK_BYTES);
  for (let at = 0; at < bytes.length; at += 4) putBe32(bytes, at, value);
  return bytes;
}

/** The number that fills a block; a block of two writers' bytes is torn. */
function stampOf(bytes: Uint8Array, block: number): number {
  const value = be32(bytes, block * BLOCK_BYTES);
  for (let at = 0; at < BLOCK_BYTES; at += 4) expect(be32(bytes, block * BLOCK_BYTES + at), 'a torn block').toBe(value);
  return value;
}

class Run {
  readonly #rng: Rng;
  readonly #harness: Harness;
  readonly #sessions: Session[] = [];
  readonly #pending: Map<number, Pending>[] = [];
  readonly #histories: Happening[][][];
  readonly #reservations = Array.from({ length: UNITS }, () => new ReservationModel());
  #time = 0;
  #lastValue = 0;
  #runsOf = new Map<string, number>();

  constructor(seed: number) {
    this.#rng = seededRng(seed);
    const clock = new StepClock();
    const unit = () => ({
      store: new FaultyStore(new MemoryStore({ sizeBytes: UNIT_BLOCKS * BLOCK_BYTES, thin: true }), {
        clock,
        rng: this.#rng,
        delayNanos: [0, MILLISECOND],
      }),
      options: { defer: (action: () => void) => void clock.after(below(this.#rng, 1000), action) },
    });
    this.#harness = new Harness({ clock, seed, targets: { [TARGET]: Array.from({ length: UNITS }, unit) } });
    this.#histories = Array.from({ length: UNITS }, () => Array.from({ length: UNIT_BLOCKS }, () => []));
    for (let index = 0; index < INITIATORS; index += 1) this.#logIn(index);
  }

  /** How often each kind of thing happened. */
  get counts(): ReadonlyMap<string, number> {
    return this.#runsOf;
  }

  play(): void {
    for (let step = 0; step < STEPS; step += 1) {
      const dice = below(this.#rng, 100);
      if (dice < 70) this.#issue();
      else if (dice < 80) this.#reserve();
      else if (dice < 81) this.#cut(below(this.#rng, INITIATORS));
      if (chance(this.#rng, 0.5)) this.#harness.clock.step();
      this.#settle();
    }
    while (this.#harness.clock.step()) this.#settle();
    this.#readBack();
    for (const [lun, blocks] of this.#histories.entries()) {
      for (const [lba, history] of blocks.entries()) {
        expect(isLinearizable(history, 0), `lun ${lun} block ${lba}: ${JSON.stringify(history)}`).toBe(true);
      }
    }
    expect(this.#harness.leftovers()).toEqual({ reservedBytes: 0, sessions: INITIATORS, commands: 0, tasks: 0 });
  }

  #count(what: string): void {
    this.#runsOf.set(what, (this.#runsOf.get(what) ?? 0) + 1);
  }

  #logIn(index: number): void {
    this.#sessions[index] = this.#harness.login(
      { name: `iqn.2026-01.net.example:host${index}`, digests: chance(this.#rng, 0.2) },
      { asksAhead: chance(this.#rng, 0.5) },
    );
    this.#pending[index] = new Map();
  }

  /** The connection is lost, and what was under way with it; nobody knows what became of that. */
  #cut(index: number): void {
    this.#sessions[index]!.wire.cut();
    for (const pending of this.#pending[index]!.values()) this.#record(pending, undefined);
    this.#logIn(index);
    this.#count('cut');
  }

  #issue(): void {
    const rng = this.#rng;
    const index = below(rng, INITIATORS);
    const lun = below(rng, UNITS);
    const lba = below(rng, UNIT_BLOCKS);
    const blocks = 1 + below(rng, Math.min(4, UNIT_BLOCKS - lba));
    const request = this.#request(below(rng, 10), lun, lba, blocks);
    const length = request.task.dataOut?.length ?? 0;
    const immediateBytes = length === 0 ? 0 : [0, length, Math.min(length, 512)][below(rng, 3)]!;
    const conflicts = this.#reservations[lun]!.conflicts(index, request.writes);
    this.#time += 1;
    const tag = this.#sessions[index]!.initiator.execute({ ...request.task, lun, immediateBytes });
    this.#pending[index]!.set(tag, { request, lun, begin: this.#time, conflicts });
    this.#harness.pump();
  }

  #request(kind: number, lun: number, lba: number, blocks: number): Request {
    if (kind < 3) {
      return {
        task: { cdb: cdb10(0x28, lba, blocks), dataInBytes: blocks * BLOCK_BYTES },
        writes: false,
        lba,
        blocks,
        effect: (result, index) => (result === undefined ? undefined : { type: 'read', value: stampOf(result.dataIn, index) }),
      };
    }
    const value = (this.#lastValue += 1);
    if (kind < 6)
      return this.#write({ cdb: cdb10(0x2a, lba, blocks, kind === 5 ? 0x08 : 0), dataOut: stamped(value, blocks) }, lba, blocks, value);
    if (kind === 6) {
      const list = unmapList([[lba, blocks]]);
      return this.#write({ cdb: unmapCdb(list.length), dataOut: list }, lba, blocks, 0);
    }
    if (kind === 7) {
      const unmaps = chance(this.#rng, 0.3);
      return this.#write(
        { cdb: cdb16(0x93, lba, blocks, unmaps ? 0x08 : 0), dataOut: stamped(unmaps ? 0 : value) },
        lba,
        blocks,
        unmaps ? 0 : value,
      );
    }
    // What may be there: something written not long ago.
    const recent = this.#histories[lun]![lba]!.findLast(({ operation }) => operation.type !== 'exchange')?.operation.value ?? 0;
    const expected = chance(this.#rng, 0.7) ? recent : 0;
    const both = new Uint8Array(2 * BLOCK_BYTES);
    both.set(stamped(expected));
    both.set(stamped(value), BLOCK_BYTES);
    return {
      task: { cdb: compareAndWriteCdb(lba, 1), dataOut: both },
      writes: true,
      lba,
      blocks: 1,
      effect: (result) => {
        if (result === undefined) return { type: 'exchange', expected, value, succeeded: true };
        return { type: 'exchange', expected, value, succeeded: result.status === 0 };
      },
    };
  }

  #write(task: Task, lba: number, blocks: number, value: number): Request {
    return { task, writes: true, lba, blocks, effect: () => ({ type: 'write', value }) };
  }

  /** Takes in the results that have come. */
  #settle(): void {
    this.#harness.pump();
    for (const [index, pending] of this.#pending.entries()) {
      const { results } = this.#sessions[index]!.initiator;
      for (const [tag, result] of results) {
        results.delete(tag);
        const one = pending.get(tag);
        pending.delete(tag);
        if (one !== undefined) this.#check(one, result);
      }
    }
  }

  #check(pending: Pending, result: Result): void {
    const key = result.status === STATUS_CHECK_CONDITION ? result.sense[2]! & 0x0f : -1;
    // Told of something else instead: the command did nothing.
    if (key === UNIT_ATTENTION) return this.#count('unit attention');
    expect(result.status === STATUS_CONFLICT, `conflict: ${JSON.stringify(pending.request.task.cdb)}`).toBe(pending.conflicts);
    if (pending.conflicts) return this.#count('conflict');
    const missed = key === MISCOMPARE;
    expect(missed ? 0 : result.status, `sense ${Buffer.from(result.sense).toString('hex')}`).toBe(0);
    this.#count(missed ? 'miscompare' : `command ${pending.request.task.cdb[0]!.toString(16)}h`);
    this.#record(pending, result);
  }

  #record({ request, lun, begin }: Pending, result: Result | undefined): void {
    this.#time += 1;
    const end = result === undefined ? Number.POSITIVE_INFINITY : this.#time;
    for (let index = 0; index < request.blocks; index += 1) {
      const operation = request.effect(result, index);
      if (operation !== undefined) this.#histories[lun]![request.lba + index]!.push({ operation, begin, end });
    }
  }

  /** PERSISTENT RESERVE OUT, answered before it returns, and the model's word on it. */
  #reserve(): void {
    const rng = this.#rng;
    const index = below(rng, INITIATORS);
    const lun = below(rng, UNITS);
    const model = this.#reservations[lun]!;
    const key = chance(rng, 0.85) ? (model.keys.get(index) ?? 0) : 1 + below(rng, 3);
    const type = MODEL_TYPES[below(rng, MODEL_TYPES.length)]!;
    const kind = below(rng, 10);
    let [action, newKey] = [ACTIONS.register as number, 0];
    let expected: () => boolean;
    if (kind < 4) {
      newKey = chance(rng, 0.8) ? index * 10 + 1 + below(rng, 3) : 0;
      expected = () => model.register(index, key, newKey);
    } else if (kind < 6) {
      action = ACTIONS.reserve;
      expected = () => model.reserve(index, key, type);
    } else if (kind < 8) {
      action = ACTIONS.release;
      expected = () => model.release(index, key);
    } else if (kind < 9) {
      action = ACTIONS.preempt;
      newKey = ((index + 1) % INITIATORS) * 10 + 1 + below(rng, 3);
      expected = () => model.preempt(index, key, newKey, type);
    } else {
      action = ACTIONS.clear;
      expected = () => model.clear(index, key);
    }
    // RELEASE names the type that is held: another one would be a mistake of ours.
    const held = action === ACTIONS.release && model.reservation !== undefined ? model.reservation.type : type;
    const result = this.#reserveOut(index, lun, action, key, newKey, held);
    if (result.status === STATUS_CHECK_CONDITION) {
      expect(result.sense[2]! & 0x0f, `sense ${Buffer.from(result.sense).toString('hex')}`).toBe(UNIT_ATTENTION);
      return;
    }
    expect(result.status, `action ${action} of host${index}`).toBe(expected() ? 0 : STATUS_CONFLICT);
    this.#count(result.status === 0 ? 'reserve out' : 'reserve out conflict');
  }

  #reserveOut(index: number, lun: number, action: number, key: number, newKey: number, type: ModelType): Result {
    const cdb = new Uint8Array(10);
    cdb[0] = 0x5f;
    cdb[1] = action;
    cdb[2] = type;
    putBe16(cdb, 7, 24);
    const list = new Uint8Array(24);
    putBe64(list, 0, key);
    putBe64(list, 8, newKey);
    const { initiator } = this.#sessions[index]!;
    const tag = initiator.execute({ cdb, dataOut: list, immediateBytes: 24, lun });
    this.#harness.pump();
    const result = initiator.results.get(tag)!;
    initiator.results.delete(tag);
    return result;
  }

  /** Once all is quiet: what is there now belongs to the history too. */
  #readBack(): void {
    const session = this.#harness.login({ name: 'iqn.2026-01.net.example:reader' });
    for (let lun = 0; lun < UNITS; lun += 1) {
      for (let tries = 0; ; tries += 1) {
        this.#time += 1;
        const begin = this.#time;
        const result = session.run({ cdb: cdb10(0x28, 0, UNIT_BLOCKS), dataInBytes: UNIT_BLOCKS * BLOCK_BYTES, lun });
        if (result.status === STATUS_CONFLICT) break; // a reservation keeps it out
        if (result.status === STATUS_CHECK_CONDITION && tries < 4) continue;
        expect(result.status).toBe(0);
        this.#time += 1;
        for (let lba = 0; lba < UNIT_BLOCKS; lba += 1) {
          this.#histories[lun]![lba]!.push({ operation: { type: 'read', value: stampOf(result.dataIn, lba) }, begin, end: this.#time });
        }
        break;
      }
    }
    session.wire.cut();
    this.#harness.pump();
  }
}

describe('a device under several initiators', () => {
  it('keeps every block serializable and every reservation', { timeout: 120_000 }, () => {
    const counts = new Map<string, number>();
    for (let seed = SEED; seed < SEED + RUNS; seed += 1) {
      const run = new Run(seed);
      try {
        run.play();
      } catch (error) {
        const again = `SAMEWIRE_FUZZ_SEED=${seed} SAMEWIRE_FUZZ_RUNS=1 npx vitest run test/fuzz/device-model.test.ts`;
        throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}\nreplay: ${again}`, { cause: error });
      }
      for (const [what, count] of run.counts) counts.set(what, (counts.get(what) ?? 0) + count);
    }
    // It went everywhere; one run alone need not.
    if (RUNS < 20) return;
    const expected = ['cut', 'conflict', 'unit attention', 'miscompare', 'reserve out', 'reserve out conflict'];
    const commands = ['28h', '2ah', '42h', '93h', '89h'].map((code) => `command ${code}`);
    for (const what of [...expected, ...commands]) expect(counts.get(what) ?? 0, what).toBeGreaterThan(RUNS / 2);
  });
});

const write = (value: number, begin: number, end: number): Happening => ({ operation: { type: 'write', value }, begin, end });
const read = (value: number, begin: number, end: number): Happening => ({ operation: { type: 'read', value }, begin, end });

describe('isLinearizable', () => {
  it('knows what can be and what can not', () => {
    expect(isLinearizable([write(1, 0, 1), read(1, 2, 3)], 0)).toBe(true);
    expect(isLinearizable([write(1, 0, 1), read(0, 2, 3)], 0)).toBe(false);
    expect(isLinearizable([write(1, 0, 5), read(0, 1, 2), read(1, 3, 4)], 0)).toBe(true);
    expect(isLinearizable([write(1, 0, 5), read(1, 1, 2), read(0, 3, 4)], 0)).toBe(false);
    expect(isLinearizable([write(1, 0, Number.POSITIVE_INFINITY), read(0, 1, 2), read(1, 3, 4)], 0)).toBe(true);
    const exchange = { type: 'exchange', expected: 0, value: 2, succeeded: true } as const;
    expect(isLinearizable([write(1, 0, 1), { operation: exchange, begin: 2, end: 3 }], 0)).toBe(false);
  });
});
