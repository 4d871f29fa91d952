/** The block commands against a plain array: every sequence of them gives the same bytes, whatever the block size and the store. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../../base/bytes.ts';
import { seededRng } from '../../../base/rng.ts';
import type { BackingStore } from '../../block/backing-store.ts';
import { FaultyStore } from '../../block/faulty.ts';
import { MemoryStore } from '../../block/memory.ts';
import { StepClock } from '../../block/testing/step-clock.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import { cdb10, cdb12, cdb16, cdb6, compareAndWriteCdb, unmapCdb, unmapList, writeAtomicCdb } from '../testing/block-cdbs.ts';
import { linkOf, TestCommand } from '../testing/test-command.ts';
import { unitOver } from '../testing/unit-over.ts';
import { executeCommand } from '../device-server.ts';

const BLOCKS = 300;

type Kind =
  | 'read6'
  | 'read10'
  | 'read12'
  | 'read16'
  | 'write6'
  | 'write10'
  | 'write12'
  | 'write16'
  | 'write-short'
  | 'write-and-verify'
  | 'write-atomic'
  | 'orwrite'
  | 'compare-and-write'
  | 'miscompare'
  | 'write-same'
  | 'write-same-unmap'
  | 'write-same-zeros'
  | 'unmap'
  | 'verify'
  | 'verify-wrong'
  | 'verify-same'
  | 'pre-fetch'
  | 'synchronize';

interface Step {
  readonly kind: Kind;
  readonly lba: number;
  readonly blocks: number;
  readonly seed: number;
}

const KINDS: readonly Kind[] = [
  'read6',
  'read10',
  'read12',
  'read16',
  'write6',
  'write10',
  'write12',
  'write16',
  'write-short',
  'write-and-verify',
  'write-atomic',
  'orwrite',
  'compare-and-write',
  'miscompare',
  'write-same',
  'write-same-unmap',
  'write-same-zeros',
  'unmap',
  'verify',
  'verify-wrong',
  'verify-same',
  'pre-fetch',
  'synchronize',
];

const steps: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS),
  lba: fc.nat(BLOCKS - 1),
  blocks: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 140 })),
  seed: fc.nat(0xffff),
});

interface Rig {
  readonly unit: LogicalUnit;
  readonly model: Uint8Array;
  readonly blockBytes: number;
  run(cdb: Uint8Array, dataOut?: Uint8Array): TestCommand;
}

const good = (command: TestCommand): void => expect(command.outcome).toBe('GOOD');

/** Carries out one step on both, and compares what came of it. */
function take({ unit, model, blockBytes, run }: Rig, step: Step): void {
  const { lba } = step;
  const blocks = Math.min(step.blocks, BLOCKS - lba);
  const [start, length] = [lba * blockBytes, blocks * blockBytes];
  const there = model.slice(start, start + length);
  const random = new Uint8Array(length);
  seededRng(step.seed).fill(random);
  const block = random.slice(0, blockBytes);
  const wrote = (bytes: Uint8Array): void => model.set(bytes, start);
  const sameBlock = (one: Uint8Array): Uint8Array => concat(Array.from({ length: blocks }, () => one));
  const read = (command: TestCommand): void => {
    good(command);
    expect(Buffer.compare(command.bytes, there)).toBe(0);
  };
  switch (step.kind) {
    case 'read6':
      return read(run(cdb6(0x08, lba, blocks)));
    case 'read10':
      return read(run(cdb10(0x28, lba, blocks)));
    case 'read12':
      return read(run(cdb12(0xa8, lba, blocks)));
    case 'read16':
      return read(run(cdb16(0x88, lba, blocks)));
    case 'write6':
      good(run(cdb6(0x0a, lba, blocks), random));
      return wrote(random);
    case 'write10':
      good(run(cdb10(0x2a, lba, blocks, step.seed & 0x18), random));
      return wrote(random);
    case 'write12':
      good(run(cdb12(0xaa, lba, blocks), random));
      return wrote(random);
    case 'write16':
      good(run(cdb16(0x8a, lba, blocks), random));
      return wrote(random);
    case 'write-short': {
      // One block less than the CDB says is announced: the others are written.
      const short = random.slice(0, length - blockBytes);
      good(run(cdb10(0x2a, lba, blocks), short));
      return wrote(short);
    }
    case 'write-and-verify':
      good(run(cdb10(0x2e, lba, blocks, (step.seed & 1) << 1), random));
      return wrote(random);
    case 'write-atomic':
      good(run(writeAtomicCdb(lba, blocks), random));
      return wrote(random);
    case 'orwrite':
      good(run(cdb16(0x8b, lba, blocks), random));
      return wrote(there.map((byte, index) => byte | random[index]!));
    case 'compare-and-write':
      good(run(compareAndWriteCdb(lba, blocks), concat([there, random])));
      return wrote(random);
    case 'miscompare': {
      const at = step.seed % length;
      there[at]! ^= 0x40;
      const command = run(compareAndWriteCdb(lba, blocks), concat([there, random]));
      return expect(command.outcome).toBe(`CHECK CONDITION MISCOMPARE: miscompare during verify operation (1dh/00h), information ${at}`);
    }
    case 'write-same':
      good(run(cdb16(0x93, lba, blocks), block));
      return wrote(sameBlock(block));
    case 'write-same-unmap': {
      const command = run(cdb10(0x41, lba, blocks, 0x08), new Uint8Array(blockBytes));
      if (!unit.config.thin) return expect(command.outcome).toContain('invalid field in CDB');
      good(command);
      return wrote(new Uint8Array(length));
    }
    case 'write-same-zeros':
      good(run(cdb16(0x93, lba, blocks, 0x01)));
      return wrote(new Uint8Array(length));
    case 'unmap': {
      const list = unmapList([
        [lba, blocks],
        [lba, 0],
      ]);
      const command = run(unmapCdb(list.length), list);
      if (!unit.config.thin) return expect(command.outcome).toContain('invalid command operation code');
      good(command);
      return wrote(new Uint8Array(length));
    }
    case 'verify':
      good(run(cdb16(0x8f, lba, blocks, 0x02), there));
      return good(run(cdb12(0xaf, lba, blocks)));
    case 'verify-wrong': {
      const at = step.seed % length;
      there[at]! ^= 1;
      const command = run(cdb10(0x2f, lba, blocks, 0x02), there);
      return expect(command.outcome).toContain(
        `miscompare during verify operation (1dh/00h), information ${lba + Math.floor(at / blockBytes)}`,
      );
    }
    case 'verify-same':
      good(run(cdb16(0x93, lba, blocks), block));
      wrote(sameBlock(block));
      return good(run(cdb10(0x2f, lba, blocks, 0x06), block));
    case 'pre-fetch':
      return expect(run(cdb16(0x90, lba, blocks, step.seed & 2)).outcome).toBe('CONDITION MET');
    case 'synchronize':
      return good(run(cdb10(0x35, lba, blocks, step.seed & 2)));
  }
}

function against(blockBytes: 512 | 4096, makeStore: (size: number) => BackingStore, clock: StepClock): void {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 40, size: 'max' }), (sequence) => {
      const size = BLOCKS * blockBytes;
      const unit = unitOver(makeStore(size), { blockBytes });
      const run = (cdb: Uint8Array, dataOut: Uint8Array = new Uint8Array()): TestCommand => {
        const command = new TestCommand(linkOf(unit), cdb, { dataOut });
        executeCommand(unit, command);
        clock.run();
        return command;
      };
      const rig = { unit, model: new Uint8Array(size), blockBytes, run };
      for (const step of sequence) take(rig, step);
      const whole = new Uint8Array(size);
      for (let lba = 0; lba < BLOCKS; lba += 1) whole.set(run(cdb10(0x28, lba, 1)).bytes, lba * blockBytes);
      expect(Buffer.compare(whole, rig.model)).toBe(0);
      expect(unit.tasks.size).toBe(0);
    }),
    { numRuns: 25 },
  );
}

describe.each([512, 4096] as const)('the block commands with blocks of %i bytes', (blockBytes) => {
  const clock = new StepClock();
  const faulty = (size: number, thin: boolean): BackingStore =>
    new FaultyStore(new MemoryStore({ sizeBytes: size, thin }), { clock, rng: seededRng(1), delayNanos: [0, 1000] });

  it('on thick memory', () => against(blockBytes, (sizeBytes) => new MemoryStore({ sizeBytes, thin: false }), clock));
  it('on thin memory', () => against(blockBytes, (sizeBytes) => new MemoryStore({ sizeBytes, thin: true }), clock));
  it('on thick memory that completes later', () => against(blockBytes, (size) => faulty(size, false), clock));
  it('on thin memory that completes later', () => against(blockBytes, (size) => faulty(size, true), clock));
});
