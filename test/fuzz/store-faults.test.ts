/** Stores that fail, seen from the initiator: the status, the sense data and the residual of each command, and a session that goes on. */
import { describe, expect, it } from 'vitest';
import { be16, be32, bytesEqual, putBe16, putBe32 } from '../../src/base/bytes.ts';
import { MILLISECOND } from '../../src/base/clock.ts';
import { seededRng } from '../../src/base/rng.ts';
import type { StoreFault } from '../../src/storage/block/backing-store.ts';
import { FaultyStore, type StoreCall } from '../../src/storage/block/faulty.ts';
import { ForgetfulStore } from '../../src/storage/block/forgetful.ts';
import { MemoryStore } from '../../src/storage/block/memory.ts';
import { StepClock } from '../../src/storage/block/testing/step-clock.ts';
import { cdb10, cdb16, compareAndWriteCdb, getLbaStatusCdb, unmapCdb, unmapList } from '../../src/storage/scsi/testing/block-cdbs.ts';
import { Harness, type Session, TARGET } from './harness.ts';
import type { Result, Task } from './raw-initiator.ts';

const UNIT_BYTES = 1024 * 1024;
const MEDIUM_ERROR = 3;
const DATA_PROTECT = 7;
const UNRECOVERED_READ_ERROR = 0x1100;
const WRITE_ERROR = 0x0c00;
const SPACE_ALLOCATION_FAILED = 0x2707;
const CHECK_CONDITION = 2;

interface Faulty {
  readonly session: Session;
  readonly harness: Harness;
  /** The next call of this kind fails so. */
  readonly fail: (operation: StoreCall['operation'], fault: StoreFault) => void;
}

function faulty(options: { readonly digests?: boolean; readonly writeBack?: boolean } = {}): Faulty {
  const clock = new StepClock();
  let next: readonly [StoreCall['operation'], StoreFault] | undefined;
  const inner = options.writeBack === true ? new ForgetfulStore(UNIT_BYTES) : new MemoryStore({ sizeBytes: UNIT_BYTES, thin: true });
  const store = new FaultyStore(inner, {
    clock,
    rng: seededRng(1),
    delayNanos: [0, MILLISECOND],
    script: (call) => {
      if (call.operation !== next?.[0]) return undefined;
      const fault = next[1];
      next = undefined;
      return fault;
    },
  });
  const harness = new Harness({ clock, targets: { [TARGET]: [{ store }] } });
  const session = harness.login({ digests: options.digests === true });
  session.run({ cdb: new Uint8Array(16) });
  return {
    session,
    harness,
    fail: (operation, fault) => {
      next = [operation, fault];
    },
  };
}

interface SenseFields {
  readonly key: number;
  readonly code: number;
  /** Undefined: the INFORMATION field is not valid. */
  readonly information: number | undefined;
}

/** Fixed format (SPC-5 §4.4.3). */
function senseOf({ sense }: Result): SenseFields {
  expect(sense[0]! & 0x7f).toBe(0x70);
  return { key: sense[2]! & 0x0f, code: be16(sense, 12), information: (sense[0]! & 0x80) === 0 ? undefined : be32(sense, 3) };
}

/** The session goes on, and the medium is as good as before. */
function expectAlive({ session, harness }: Faulty): void {
  const data = seededRng(5).fill(new Uint8Array(4096));
  expect(session.run({ cdb: cdb10(0x2a, 40, 8), dataOut: data, immediateBytes: 4096 }).status).toBe(0);
  const back = session.run({ cdb: cdb10(0x28, 40, 8), dataInBytes: 4096 });
  expect(back).toMatchObject({ status: 0, residual: 0 });
  expect(bytesEqual(back.dataIn, data)).toBe(true);
  expect(harness.leftovers()).toEqual({ reservedBytes: 0, sessions: 1, commands: 0, tasks: 0 });
}

const block = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0x5a);

function writeSameCdb(lba: number, blocks: number): Uint8Array {
  const cdb = new Uint8Array(10);
  cdb[0] = 0x41;
  putBe32(cdb, 2, lba);
  putBe16(cdb, 7, blocks);
  return cdb;
}

interface Case {
  readonly title: string;
  readonly task: Task;
  readonly fails: readonly [StoreCall['operation'], StoreFault];
  readonly sense: SenseFields;
  readonly residual: number;
}

const unmap = unmapList([[64, 128]]);
const read = { key: MEDIUM_ERROR, code: UNRECOVERED_READ_ERROR };
const write = { key: MEDIUM_ERROR, code: WRITE_ERROR };

const cases: readonly Case[] = [
  {
    title: 'READ(10): none of its data comes',
    task: { cdb: cdb10(0x28, 16, 8), dataInBytes: 4096 },
    fails: ['read', 'read'],
    sense: { ...read, information: 16 },
    residual: 4096,
  },
  {
    title: 'READ(16) of a megabyte',
    task: { cdb: cdb16(0x88, 0, 2048), dataInBytes: UNIT_BYTES },
    fails: ['read', 'read'],
    sense: { ...read, information: 0 },
    residual: UNIT_BYTES,
  },
  {
    title: 'WRITE(10): all of its data was taken',
    task: { cdb: cdb10(0x2a, 24, 4), dataOut: block(2048), immediateBytes: 2048 },
    fails: ['write', 'write'],
    sense: { ...write, information: 24 },
    residual: 0,
  },
  {
    title: 'WRITE(16) with several R2Ts',
    task: { cdb: cdb16(0x8a, 0, 1024), dataOut: block(512 * 1024) },
    fails: ['write', 'write'],
    sense: { ...write, information: 0 },
    residual: 0,
  },
  {
    title: 'WRITE(10) that runs out of space',
    task: { cdb: cdb10(0x2a, 32, 8), dataOut: block(4096), immediateBytes: 512, unsolicitedBytes: 512 },
    fails: ['write', 'no-space'],
    sense: { key: DATA_PROTECT, code: SPACE_ALLOCATION_FAILED, information: 32 },
    residual: 0,
  },
  {
    title: 'UNMAP',
    task: { cdb: unmapCdb(unmap.length), dataOut: unmap, immediateBytes: unmap.length },
    fails: ['unmap', 'write'],
    sense: { ...write, information: 64 },
    residual: 0,
  },
  {
    title: 'WRITE SAME(10)',
    task: { cdb: writeSameCdb(8, 16), dataOut: block(512), immediateBytes: 512 },
    fails: ['write', 'write'],
    sense: { ...write, information: 8 },
    residual: 0,
  },
  {
    title: 'COMPARE AND WRITE that cannot compare',
    task: { cdb: compareAndWriteCdb(12, 1), dataOut: new Uint8Array(1024), immediateBytes: 1024 },
    fails: ['read', 'read'],
    sense: { ...read, information: 12 },
    residual: 0,
  },
  {
    title: 'COMPARE AND WRITE that cannot write',
    task: { cdb: compareAndWriteCdb(12, 1), dataOut: new Uint8Array(1024), immediateBytes: 1024 },
    fails: ['write', 'write'],
    sense: { ...write, information: 12 },
    residual: 0,
  },
  {
    title: 'VERIFY(10) of the medium',
    task: { cdb: cdb10(0x2f, 20, 4) },
    fails: ['read', 'read'],
    sense: { ...read, information: 20 },
    residual: 0,
  },
  {
    title: 'WRITE AND VERIFY(10) that cannot read back',
    task: { cdb: cdb10(0x2e, 28, 2, 0x02), dataOut: block(1024), immediateBytes: 1024 },
    fails: ['read', 'read'],
    sense: { ...read, information: 28 },
    residual: 0,
  },
  {
    title: 'GET LBA STATUS',
    task: { cdb: getLbaStatusCdb(0, 24), dataInBytes: 24 },
    fails: ['allocation', 'read'],
    sense: { ...read, information: 0 },
    residual: 24,
  },
];

describe.each([false, true])('a store that fails (digests: %s)', (digests) => {
  it.each(cases)('$title', ({ task, fails, sense, residual }) => {
    const setting = faulty({ digests });
    setting.fail(...fails);
    const result = setting.session.run(task);
    expect(result).toMatchObject({ status: CHECK_CONDITION, response: 0, residual });
    expect(result.dataIn.length).toBe(0);
    expect(senseOf(result)).toEqual(sense);
    expectAlive(setting);
    // The fault has passed: the same command does now what it should.
    expect(setting.session.run(task).status).toBe(0);
  });
});

describe('residuals of failed commands', () => {
  it('count from what the initiator announced', () => {
    const setting = faulty();
    setting.fail('read', 'read');
    // Room for twice as much as is read: none of it is used.
    const result = setting.session.run({ cdb: cdb10(0x28, 0, 1), dataInBytes: 1024 });
    expect(result).toMatchObject({ status: CHECK_CONDITION, residual: 1024 });
    setting.fail('write', 'write');
    // A kilobyte announced and half of it wanted (RFC 7143 §11.4.5: underflow).
    const written = setting.session.run({ cdb: cdb10(0x2a, 0, 1), dataOut: block(1024), immediateBytes: 1024 });
    expect(written).toMatchObject({ status: CHECK_CONDITION, residual: 512 });
    expectAlive(setting);
  });
});

describe('a write-back store', () => {
  it('that cannot flush fails SYNCHRONIZE CACHE', () => {
    const setting = faulty({ writeBack: true });
    setting.fail('flush', 'flush');
    const failed = setting.session.run({ cdb: cdb10(0x35, 0, 0) });
    expect(failed).toMatchObject({ status: CHECK_CONDITION, residual: 0 });
    expect(senseOf(failed)).toMatchObject(write);
    expect(setting.session.run({ cdb: cdb10(0x35, 0, 0) }).status).toBe(0);
    expectAlive(setting);
  });

  it('that cannot write through fails the FUA write, and takes the write without it', () => {
    const setting = faulty({ writeBack: true });
    setting.fail('write', 'write');
    const failed = setting.session.run({ cdb: cdb10(0x2a, 0, 1, 0x08), dataOut: block(512), immediateBytes: 512 });
    expect(senseOf(failed)).toMatchObject(write);
    expect(setting.session.run({ cdb: cdb10(0x2a, 0, 1), dataOut: block(512), immediateBytes: 512 }).status).toBe(0);
    expectAlive(setting);
  });
});

const chunk = (index: number): Task => ({ cdb: cdb10(0x2a, index * 128, 128), dataOut: new Uint8Array(65536).fill(index + 1) });

describe('a thin store whose space is used up', () => {
  it('says so, keeps what it has, and takes writes again after UNMAP', () => {
    const store = new MemoryStore({ sizeBytes: UNIT_BYTES, thin: true, spaceBytes: 2 * 65536 });
    const harness = new Harness({ targets: { [TARGET]: [{ store }] } });
    const { run } = harness.login();
    run({ cdb: new Uint8Array(16) });
    expect(run(chunk(0)).status).toBe(0);
    expect(run(chunk(1)).status).toBe(0);
    const full = run(chunk(2));
    expect(full).toMatchObject({ status: CHECK_CONDITION, residual: 0 });
    expect(senseOf(full)).toEqual({ key: DATA_PROTECT, code: SPACE_ALLOCATION_FAILED, information: 256 });
    expect(run({ cdb: cdb10(0x28, 128, 1), dataInBytes: 512 }).dataIn).toEqual(new Uint8Array(512).fill(2));
    const list = unmapList([[0, 128]]);
    expect(run({ cdb: unmapCdb(list.length), dataOut: list, immediateBytes: list.length }).status).toBe(0);
    expect(run(chunk(2)).status).toBe(0);
    expect(harness.leftovers()).toEqual({ reservedBytes: 0, sessions: 1, commands: 0, tasks: 0 });
  });
});

describe('several commands under way', () => {
  it('of which one fails: the others do not', () => {
    const setting = faulty();
    const { initiator } = setting.session;
    setting.fail('read', 'read');
    const tags = Array.from({ length: 8 }, (_, index) => initiator.execute({ cdb: cdb10(0x28, index * 8, 8), dataInBytes: 4096 }));
    setting.harness.until(() => tags.every((tag) => initiator.results.has(tag)));
    expect(tags.map((tag) => initiator.results.get(tag)!.status)).toEqual([CHECK_CONDITION, 0, 0, 0, 0, 0, 0, 0]);
    expectAlive(setting);
  });
});
