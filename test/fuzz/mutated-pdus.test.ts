/**
 * Whatever a peer sends to a portal, nothing is thrown, nothing is kept when it has gone, and those who behave don't notice. A million
 * mutated PDUs, of the login and of the full feature phase, with and without digests; SAMEWIRE_FUZZ_PDUS and SAMEWIRE_FUZZ_SEED override.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { be16, be32, bytesEqual, putBe16 } from '../../src/base/bytes.ts';
import { MILLISECOND } from '../../src/base/clock.ts';
import { below, chance, type Rng, seededRng } from '../../src/base/rng.ts';
import { FaultyStore } from '../../src/storage/block/faulty.ts';
import { MemoryStore } from '../../src/storage/block/memory.ts';
import { StepClock } from '../../src/storage/block/testing/step-clock.ts';
import { EMPTY_STATE } from '../../src/storage/scsi/persistent-state.ts';
import { cdb10 } from '../../src/storage/scsi/testing/block-cdbs.ts';
import { DATA_IN, LOGIN_RESPONSE, READY_TO_TRANSFER } from '../../src/wire/iscsi/basic-header.ts';
import { asksAcknowledgement } from '../../src/wire/iscsi/data.ts';
import { Harness, type Session, TARGET } from './harness.ts';
import { MemoryWire } from './memory-wire.ts';
import { mutated } from './pdu-mutator.ts';
import { askedBy, loginRequest, nextPdu, type Pdu, reassignment, someText, type SourceState } from './pdu-source.ts';
import { assemble } from './raw-initiator.ts';
import { TargetOutput } from './target-output.ts';

const PDUS = Number(process.env['SAMEWIRE_FUZZ_PDUS'] ?? 1_000_000);
const SEED = Number(process.env['SAMEWIRE_FUZZ_SEED'] ?? 20_260);
const ROUNDS = 8;
const GOOD_TARGET = 'iqn.2026-01.net.samewire:good';
const UNIT_BYTES = 256 * 1024;
const BACKLOG_BYTES = 256 * 1024;
/** What may still join the backlog when it is full: the answers to what one arrival brought. */
const UNSENT_BYTES_MAX = BACKLOG_BYTES + 4 * 1024 * 1024;
/** Over some five thousand connections: two kilobytes kept of each would be found. */
const GROWTH_BYTES_MAX = 8 * 1024 * 1024;

function fuzzedArray(seed: number): Harness {
  const clock = new StepClock();
  const rng = seededRng(seed);
  const slow = (rates: number): FaultyStore =>
    new FaultyStore(new MemoryStore({ sizeBytes: UNIT_BYTES, thin: true, spaceBytes: UNIT_BYTES / 2 }), {
      clock,
      rng,
      delayNanos: [0, MILLISECOND],
      rates: { read: rates, write: rates, flush: rates },
    });
  const keeper = () => ({
    load: () => undefined,
    save: (_: string, done: (error: undefined) => void) => void clock.after(10, () => done(undefined)),
  });
  const options = () => ({ defer: (action: () => void) => void clock.after(0, action), reservationKeeper: keeper() });
  return new Harness({
    clock,
    seed,
    limits: { sendBacklogBytes: BACKLOG_BYTES, stagingBytes: 32 * 1024 * 1024, keptBytes: 512 * 1024, keptAnswers: 40 },
    targets: {
      [TARGET]: [
        { store: new MemoryStore({ sizeBytes: UNIT_BYTES, thin: true }), options: options() },
        { store: slow(0.02), options: options() },
        { store: new MemoryStore({ sizeBytes: UNIT_BYTES, thin: false }), blockBytes: 4096, options: options() },
        { store: slow(0), config: { removable: true }, options: options() },
      ],
      [GOOD_TARGET]: [{ store: new MemoryStore({ sizeBytes: UNIT_BYTES, thin: false }) }],
    },
  });
}

/** One connection that misbehaves; how many mutated PDUs it sent. */
function misbehave(harness: Harness, rng: Rng): number {
  const wire = harness.connect({ ...(chance(rng, 0.2) ? { pieces: rng } : {}), asksAhead: chance(rng, 0.5) });
  const digests = chance(rng, 0.3);
  const acknowledges = chance(rng, 0.7);
  let tsih = 0;
  const state: SourceState = {
    rng,
    commandSequenceNumber: 1,
    expectedStatus: 0,
    acknowledgeTag: 0,
    nextTag: 1,
    asked: [],
    unsolicited: [],
    luns: 4,
    blockBytes: [512, 512, 4096, 512],
    unitBytes: UNIT_BYTES,
  };
  const output = new TargetOutput((pdu, opcode) => {
    // A number that went wrong must not make the target ignore all that follows.
    if (chance(rng, 0.9)) state.commandSequenceNumber = be32(pdu, 28);
    // Some acknowledge what they get, some never do.
    if (acknowledges && opcode !== READY_TO_TRANSFER && opcode !== DATA_IN) state.expectedStatus = (be32(pdu, 24) + 1) >>> 0;
    if (opcode === DATA_IN && asksAcknowledgement(pdu, 0)) state.acknowledgeTag = be32(pdu, 20);
    if (opcode === LOGIN_RESPONSE && pdu[36] === 0) tsih = be16(pdu, 14);
    if (opcode === READY_TO_TRANSFER && state.asked.length < 64) state.asked.push(askedBy(pdu, 0));
  });
  wire.onBytes = (bytes) => output.handleBytes(bytes);
  if (chance(rng, 0.15)) {
    const sent = fuzzLogin(harness, rng, wire);
    leave(harness, rng, wire);
    return sent;
  }
  const login = loginOf(rng, digests);
  let sent = fuzzSession(harness, rng, wire, output, state, digests, login);
  // The session may be taken up again, by a connection in the place of this one or beside it.
  for (let again = below(rng, 3); tsih !== 0 && again > 0; again -= 1) {
    if (chance(rng, 0.7)) leave(harness, rng, wire);
    const next = harness.connect();
    const nextOutput = output.another();
    next.onBytes = (bytes) => nextOutput.handleBytes(bytes);
    putBe16(login.header, 14, tsih);
    putBe16(login.header, 20, chance(rng, 0.7) ? 0 : 1);
    tsih = 0;
    const last = state.nextTag;
    sent += fuzzSession(harness, rng, next, nextOutput, state, digests, login, () => {
      for (let tag = Math.max(1, last - 20); tag <= last; tag += 1) {
        const pdu = reassignment(state, tag);
        next.send(assemble(pdu.header, pdu.data, digests));
      }
    });
    leave(harness, rng, next);
  }
  leave(harness, rng, wire);
  return sent;
}

function leave(harness: Harness, rng: Rng, wire: MemoryWire): void {
  expect(wire.queuedBytesMax).toBeLessThan(UNSENT_BYTES_MAX);
  if (chance(rng, 0.3)) wire.finish();
  else wire.cut();
  harness.pump();
  wire.reads = true;
  if (!wire.closed) wire.cut();
}

function fuzzLogin(harness: Harness, rng: Rng, wire: MemoryWire): number {
  let sent = 0;
  for (let count = 1 + below(rng, 5); count > 0 && !wire.closed; count -= 1) {
    const pdu = loginRequest(rng, someText(rng));
    wire.send(chance(rng, 0.5) ? assemble(pdu.header, pdu.data, false) : mutated(rng, pdu, pdu, false));
    sent += 1;
    harness.pump();
  }
  return sent;
}

function loginOf(rng: Rng, digests: boolean): Pdu {
  const digest = digests ? 'CRC32C' : 'None';
  const keys = {
    InitiatorName: `iqn.2026-01.net.example:fuzz${below(rng, 4)}`,
    TargetName: TARGET,
    SessionType: 'Normal',
    HeaderDigest: digest,
    DataDigest: digest,
    MaxRecvDataSegmentLength: ['512', '8192', '262144'][below(rng, 3)]!,
    InitialR2T: chance(rng, 0.7) ? 'No' : 'Yes',
    ImmediateData: chance(rng, 0.9) ? 'Yes' : 'No',
    MaxBurstLength: ['512', '65536', '1048576'][below(rng, 3)]!,
    FirstBurstLength: ['512', '65536', '262144'][below(rng, 3)]!,
    MaxOutstandingR2T: String(1 + below(rng, 4)),
    MaxConnections: '2',
    ErrorRecoveryLevel: String(below(rng, 3)),
    DefaultTime2Wait: '0',
    DefaultTime2Retain: chance(rng, 0.8) ? '5' : '0',
    ...(chance(rng, 0.05) ? { SessionType: 'Discovery' } : {}),
  };
  const login = loginRequest(
    rng,
    new TextEncoder().encode(
      Object.entries(keys)
        .map(([key, value]) => `${key}=${value}\0`)
        .join(''),
    ),
  );
  login.header[1] = 0x87;
  login.header[27] = 1;
  return login;
}

function fuzzSession(
  harness: Harness,
  rng: Rng,
  wire: MemoryWire,
  output: TargetOutput,
  state: SourceState,
  digests: boolean,
  login: Pdu,
  begin: () => void = () => {},
): number {
  wire.send(assemble(login.header, login.data, false));
  harness.pump();
  output.digests = digests;
  begin();
  // Some read nothing of what they are sent.
  if (chance(rng, 0.05)) wire.reads = false;
  let sent = 0;
  for (let left = 1 + below(rng, 150); left > 0 && !wire.closed; left -= 1) {
    const pdu = nextPdu(state);
    if (chance(rng, 0.3)) wire.send(assemble(pdu.header, pdu.data, digests));
    else {
      wire.send(mutated(rng, pdu, login, digests));
      sent += 1;
    }
    if (chance(rng, 0.5)) harness.pump();
    if (chance(rng, 0.1)) harness.clock.step();
  }
  harness.pump();
  return sent;
}

/** Undoes what keeps everybody out of a unit: or what comes later finds closed doors only. */
function repair(harness: Harness): void {
  for (const { unit } of harness.array.units) {
    Object.assign(unit, { medium: 'ready', sanitize: 'no', refusal: undefined });
    unit.modes.reset();
    unit.setAccessState(1, 'active-optimized');
    unit.reservations.reset();
    unit.reservations.update(
      () => ({ type: 'done', state: EMPTY_STATE, attentions: [], aborted: [] }),
      () => {},
    );
  }
}

/** Those who behave: a write, and a read that gives it back. */
function checkGood({ run }: Session, rng: Rng): void {
  const lba = below(rng, UNIT_BYTES / 512 - 8);
  const data = rng.fill(new Uint8Array(4096));
  expect(run({ cdb: cdb10(0x2a, lba, 8), dataOut: data, immediateBytes: chance(rng, 0.5) ? 4096 : 0 }).status).toBe(0);
  const back = run({ cdb: cdb10(0x28, lba, 8), dataInBytes: 4096 });
  expect(back.status).toBe(0);
  expect(bytesEqual(back.dataIn, data)).toBe(true);
}

/** A fuzzer that stays before the door finds nothing: so many commands ran, and so many of them moved data. */
function expectDepth(harness: Harness, pdus: number): void {
  const counters = harness.array.units.filter(({ target }) => target === TARGET).map(({ unit }) => unit.counters);
  const sum = (pick: (one: (typeof counters)[number]) => number): number => counters.reduce((total, one) => total + pick(one), 0);
  expect(sum((one) => one.commands)).toBeGreaterThan(pdus / 8);
  expect(sum((one) => one.readCommands)).toBeGreaterThan(pdus / 50);
  expect(sum((one) => one.writeCommands)).toBeGreaterThan(pdus / 50);
  const { counters: counted } = harness.service;
  expect(counted.rejects).toBeGreaterThan(pdus / 10);
  // And recovery recovered something.
  expect(counted.snacks).toBeGreaterThan(pdus / 200);
  expect(counted.recoveryReadyToTransfers).toBeGreaterThan(pdus / 2000);
  expect(counted.connectionsKept).toBeGreaterThan(pdus / 2000);
  expect(counted.answersLetGo).toBeGreaterThan(pdus / 2000);
  expect(counted.tasksReassigned).toBeGreaterThan(pdus / 1000);
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  // Buffers are swept while the program runs on: the next collection sees them gone.
  for (let turn = 0; turn < 4; turn += 1) collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** The pool keeps buffers for reuse: with as many as it will ever keep, what grows from here on is something else. */
function warmUp({ service }: Harness): void {
  const chunks = Array.from({ length: 1024 }, () => service.staging.take());
  for (const chunk of chunks) service.staging.recycle(chunk);
}

interface RoundEnd {
  readonly connections: number;
  readonly growthBytes: number;
}

/** So many mutated PDUs against one array. The heap is measured from the end of the first quarter on: until then names are new. */
function fuzz(seed: number, pdus: number): RoundEnd {
  const harness = fuzzedArray(seed);
  const good = harness.login({ target: GOOD_TARGET, name: 'iqn.2026-01.net.example:good' });
  good.run({ cdb: new Uint8Array(16) }); // takes the power-on attention
  warmUp(harness);
  let connections = 0;
  let before = 0;
  for (let sent = 0; sent < pdus; connections += 1) {
    const rng = seededRng(seed * 1_000_003 + connections);
    if (before === 0 && sent >= pdus / 4) before = heapBytes();
    sent += misbehave(harness, rng);
    checkGood(good, rng);
    if (connections % 10 === 0) repair(harness);
    // Stores finish what they had begun; then nothing is left but the session that behaves.
    while (harness.leftovers().tasks !== 0 && harness.clock.step()) harness.pump();
    while (harness.clock.step()) harness.pump();
    expect(harness.service.keptBytes.usedBytes, `connection ${connections}`).toBe(0);
    expect(harness.leftovers(), `connection ${connections}`).toEqual({ reservedBytes: 0, sessions: 1, commands: 0, tasks: 0 });
  }
  const growthBytes = heapBytes() - before;
  harness.wires.clear();
  if (process.env['SAMEWIRE_FUZZ_VERBOSE'] !== undefined) {
    const counters = harness.array.units.map(({ unit }) => unit.counters);
    console.log(JSON.stringify({ ...harness.service.counters, seed, growthBytes, counters }));
  }
  expectDepth(harness, pdus);
  return { connections, growthBytes };
}

describe('mutated PDUs', () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const seed = SEED + round;
    it(`round ${round + 1}: nothing thrown, nothing kept, others undisturbed`, { timeout: 600_000 }, () => {
      try {
        const { growthBytes } = fuzz(seed, Math.ceil(PDUS / ROUNDS));
        expect(growthBytes).toBeLessThan(GROWTH_BYTES_MAX);
      } catch (error) {
        const again = `SAMEWIRE_FUZZ_SEED=${seed} SAMEWIRE_FUZZ_PDUS=${PDUS} npx vitest run test/fuzz/mutated-pdus.test.ts -t 'round 1:'`;
        throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}\nreplay: ${again}`, { cause: error });
      }
    });
  }
});
