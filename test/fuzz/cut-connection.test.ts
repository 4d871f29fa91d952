/**
 * A connection that is cut while it writes: after every PDU, and at bytes in between. Whatever was on its way, the logical unit then
 * holds what some serial order of whole writes leaves, an answered write among them, and nothing is kept of the session.
 */
import { describe, expect, it } from 'vitest';
import { MILLISECOND } from '../../src/base/clock.ts';
import { below, seededRng } from '../../src/base/rng.ts';
import type { BackingStore } from '../../src/storage/block/backing-store.ts';
import { FaultyStore } from '../../src/storage/block/faulty.ts';
import { MemoryStore } from '../../src/storage/block/memory.ts';
import { StepClock } from '../../src/storage/block/testing/step-clock.ts';
import { cdb10 } from '../../src/storage/scsi/testing/block-cdbs.ts';
import { Harness, type Session, TARGET } from './harness.ts';

const BLOCK_BYTES = 512;
const UNIT_BLOCKS = 1024;
const SEED = Number(process.env['SAMEWIRE_FUZZ_SEED'] ?? 7);

interface Write {
  readonly lba: number;
  readonly blocks: number;
  readonly immediateBytes?: number;
  readonly unsolicitedBytes?: number;
  readonly digests?: boolean;
}

/** Blocks that tell who wrote them: the writer's letter over and over, and the block's number. */
function content(writer: number, lba: number, blocks: number): Uint8Array {
  const bytes = new Uint8Array(blocks * BLOCK_BYTES).fill(writer);
  for (let block = 0; block < blocks; block += 1) {
    bytes[block * BLOCK_BYTES] = lba + block;
    bytes[block * BLOCK_BYTES + 1] = (lba + block) >>> 8;
  }
  return bytes;
}

interface Setting {
  readonly harness: Harness;
  readonly memory: MemoryStore;
}

const settings: Readonly<Record<string, () => Setting>> = {
  'memory, which adopts whole chunks': () => over(new StepClock(), (memory) => memory),
  'a store that takes its time': () => {
    const clock = new StepClock();
    return over(clock, (memory) => new FaultyStore(memory, { clock, rng: seededRng(SEED), delayNanos: [0, MILLISECOND] }));
  },
};

function over(clock: StepClock, wrap: (memory: MemoryStore) => BackingStore): Setting {
  const memory = new MemoryStore({ sizeBytes: UNIT_BLOCKS * BLOCK_BYTES, thin: false });
  memory.write(0, [content(1, 0, UNIT_BLOCKS)], { fua: false, stable: true }, () => {});
  // Short segments and bursts make many PDUs.
  const limits = { maxReceiveDataSegmentBytes: 16 * 1024, maxBurstBytes: 64 * 1024, firstBurstBytes: 32 * 1024, maxOutstandingR2T: 2 };
  return { harness: new Harness({ clock, limits, targets: { [TARGET]: [{ store: wrap(memory) }] } }), memory };
}

function contentOf(memory: MemoryStore): Uint8Array {
  const out = new Uint8Array(memory.sizeBytes);
  memory.read(0, memory.sizeBytes, (_, data) => {
    let at = 0;
    for (const view of data!.views) {
      out.set(view, at);
      at += view.length;
    }
  });
  return out;
}

/** What the unit may hold: every order of every choice of the writes; those that were answered are in each. */
function serialOutcomes(writes: readonly (Write & { readonly answered: boolean })[]): Uint8Array[] {
  const outcomes: Uint8Array[] = [];
  const extend = (soFar: Uint8Array, used: ReadonlySet<number>): void => {
    if (writes.every((write, index) => used.has(index) || !write.answered)) outcomes.push(soFar);
    writes.forEach((write, index) => {
      if (used.has(index)) return;
      const next = soFar.slice();
      next.set(content(index + 2, write.lba, write.blocks), write.lba * BLOCK_BYTES);
      extend(next, new Set([...used, index]));
    });
  };
  extend(content(1, 0, UNIT_BLOCKS), new Set());
  return outcomes;
}

interface Outcome {
  /** Where the PDUs of the connection that is cut end, counted in bytes from the write's first. */
  readonly boundaries: readonly number[];
  readonly answered: boolean;
}

/** Runs the writes, each on a session of its own; the first connection dies after `cutBytes`. */
function run(makeSetting: () => Setting, writes: readonly Write[], cutBytes: number, reason: string | undefined, seed: number): Outcome {
  const { harness, memory } = makeSetting();
  const rng = seededRng(seed);
  const sessions = writes.map(({ digests }, index): Session => {
    const session = harness.login(
      { name: `iqn.2026-01.net.example:host${index}`, digests: digests === true },
      { pieces: rng, asksAhead: below(rng, 2) === 0 },
    );
    session.run({ cdb: new Uint8Array(16) });
    return session;
  });
  const boundaries: number[] = [];
  cutAfter(sessions[0]!, cutBytes, reason, boundaries);
  const tags = writes.map(({ lba, blocks, immediateBytes = 0, unsolicitedBytes = 0 }, index) =>
    sessions[index]!.initiator.execute({
      cdb: cdb10(0x2a, lba, blocks),
      dataOut: content(index + 2, lba, blocks),
      immediateBytes,
      unsolicitedBytes,
    }),
  );
  harness.pump();
  while (harness.clock.step()) harness.pump();
  const answered = writes.map((_, index) => sessions[index]!.initiator.results.get(tags[index]!)?.status === 0);
  // Whoever was not cut has an answer.
  expect(answered.slice(1).every(Boolean)).toBe(true);
  const held = contentOf(memory);
  const outcomes = serialOutcomes(writes.map((write, index) => ({ ...write, answered: answered[index]! })));
  const explained = outcomes.some((outcome) => Buffer.compare(outcome, held) === 0);
  expect(explained, `cut after ${cutBytes} bytes: no serial order of the writes explains what the unit holds`).toBe(true);
  const alive = sessions[0]!.wire.closed ? writes.length - 1 : writes.length;
  expect(harness.leftovers()).toEqual({ reservedBytes: 0, sessions: alive, commands: 0, tasks: 0 });
  return { boundaries, answered: answered[0]! };
}

/** From now on the session's connection takes so many bytes and then dies. */
function cutAfter({ initiator, wire }: Session, cutBytes: number, reason: string | undefined, boundaries: number[]): void {
  let sent = 0;
  initiator.onSend = (pdu) => {
    sent += pdu.length;
    boundaries.push(sent);
  };
  const { send } = wire;
  let left = cutBytes;
  wire.send = (bytes) => {
    if (left > 0) send.call(wire, bytes.subarray(0, left));
    left -= bytes.length;
    if (left <= 0) wire.finish(reason);
  };
}

const cases: Readonly<Record<string, readonly Write[]>> = {
  'immediate data': [{ lba: 8, blocks: 16, immediateBytes: 8192 }],
  'unsolicited data': [{ lba: 5, blocks: 60, immediateBytes: 4096, unsolicitedBytes: 26_624 }],
  'several R2Ts, whole chunks': [{ lba: 128, blocks: 512 }],
  'several R2Ts, with digests': [{ lba: 100, blocks: 400, immediateBytes: 1024, digests: true }],
  'two overlapping writes on two sessions': [
    { lba: 128, blocks: 384 },
    { lba: 256, blocks: 512, immediateBytes: 4096, unsolicitedBytes: 8192 },
  ],
  'three overlapping writes': [
    { lba: 0, blocks: 256, immediateBytes: 512 },
    { lba: 128, blocks: 256 },
    { lba: 64, blocks: 128, immediateBytes: 16_384 },
  ],
};

for (const [store, makeSetting] of Object.entries(settings)) {
  describe(`a connection cut over ${store}`, () => {
    it.each(Object.entries(cases))('%s', (_, writes) => {
      const { boundaries, answered } = run(makeSetting, writes, Number.MAX_SAFE_INTEGER, undefined, SEED);
      expect(answered).toBe(true);
      const rng = seededRng(SEED);
      const total = boundaries.at(-1)!;
      const cuts = [...boundaries.slice(0, -1), ...Array.from({ length: 40 }, () => 1 + below(rng, total - 1))];
      expect(cuts.length).toBeGreaterThanOrEqual(40);
      for (const [index, cut] of cuts.entries()) {
        // Lost in order and with an error, with arrivals cut in other pieces each time.
        const end = run(makeSetting, writes, cut, index % 2 === 0 ? undefined : 'the connection was reset', SEED + index);
        expect(end.answered, `cut after ${cut} of ${total} bytes`).toBe(false);
      }
      // All of it went out, and nobody waits for the answer.
      run(makeSetting, writes, total, undefined, SEED);
    });
  });
}
