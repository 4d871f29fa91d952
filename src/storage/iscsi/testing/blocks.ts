/** Blocks and stores for the tests of the service: what is written, what is stored, and a store that takes its time. */
import { concat, EMPTY_BYTES } from '../../../base/bytes.ts';
import { MILLISECOND } from '../../../base/clock.ts';
import { seededRng } from '../../../base/rng.ts';
import type { BackingStore } from '../../block/backing-store.ts';
import { FaultyStore } from '../../block/faulty.ts';
import { MemoryStore } from '../../block/memory.ts';
import type { StepClock } from '../../block/testing/step-clock.ts';
import type { SeenPdu } from './pdu-bytes.ts';
import type { ScriptedInitiator } from './scripted-initiator.ts';
import { MEBIBYTE, type TargetBench } from './target-bench.ts';

export const READ = 0x28;
export const WRITE = 0x2a;

/** A store that takes a millisecond for everything. */
export const slowStore = (clock: StepClock): BackingStore =>
  new FaultyStore(new MemoryStore({ sizeBytes: 32 * MEBIBYTE, thin: true }), {
    clock,
    rng: seededRng(2),
    delayNanos: [MILLISECOND, MILLISECOND],
  });

/** Blocks that differ in every byte that can. */
export const some = (blocks: number, seed = 1): Uint8Array => seededRng(seed).fill(new Uint8Array(blocks * 512));

export const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** The data of all PDUs. */
export const dataOf = (pdus: readonly SeenPdu[]): Uint8Array => concat([...pdus.map((pdu) => pdu.data), EMPTY_BYTES]);

/** What the store calls back with, however long it takes. */
function awaited<Value>(bench: TargetBench, ask: (done: (value: Value) => void) => void): Value {
  const values: Value[] = [];
  ask((value) => values.push(value));
  while (values.length === 0) bench.step();
  return values[0]!;
}

/** Puts data into LUN 0 past the target. */
export const put = (bench: TargetBench, lba: number, data: Uint8Array): unknown =>
  awaited(bench, (done) => bench.store.write(lba * 512, [data], { fua: false, stable: true }, done));

/** What LUN 0 holds. */
export const stored = (bench: TargetBench, lba: number, blocks: number): Uint8Array =>
  awaited(bench, (done) => bench.store.read(lba * 512, blocks * 512, (_, data) => done(concat([...data!.views, EMPTY_BYTES]).slice())));

/** What the initiator hears next, after as much time as it takes. */
export function hear(bench: TargetBench, initiator: ScriptedInitiator): string[] {
  const heard = initiator.heard();
  while (heard.length === 0 && bench.step()) heard.push(...initiator.heard());
  return heard;
}
