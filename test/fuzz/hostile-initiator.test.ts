/** What single initiators could do to harm a target or their neighbours on it, each by name (RFC 7143). */
import { describe, expect, it } from 'vitest';
import { EMPTY_BYTES, putBe16, putBe32, putBe64, utf8Bytes } from '../../src/base/bytes.ts';
import { MILLISECOND } from '../../src/base/clock.ts';
import { seededRng } from '../../src/base/rng.ts';
import { FaultyStore } from '../../src/storage/block/faulty.ts';
import { MemoryStore } from '../../src/storage/block/memory.ts';
import { StepClock } from '../../src/storage/block/testing/step-clock.ts';
import { cdb10, cdb16 } from '../../src/storage/scsi/testing/block-cdbs.ts';
import {
  BASIC_HEADER_BYTES,
  FINAL_BIT,
  IMMEDIATE_BIT,
  LOGIN_RESPONSE,
  NOP_OUT,
  putHeader,
  RESERVED_TAG,
  SNACK_REQUEST,
  TEXT_REQUEST,
} from '../../src/wire/iscsi/basic-header.ts';
import { FUNCTION_REJECTED, LOGICAL_UNIT_RESET } from '../../src/wire/iscsi/control.ts';
import { putDataOut } from '../../src/wire/iscsi/data.ts';
import { Harness, type Session, TARGET } from './harness.ts';
import { loginRequest } from './pdu-source.ts';
import { assemble } from './raw-initiator.ts';
import { TargetOutput } from './target-output.ts';

const UNIT_BYTES = 64 * 1024 * 1024;
const WRITE = 0x2a;
const READ = 0x28;

const inMemory = (limits = {}): Harness =>
  new Harness({ limits, targets: { [TARGET]: [{ store: new MemoryStore({ sizeBytes: UNIT_BYTES, thin: true }) }] } });

/** Every access takes a millisecond. */
function withSlowStore(limits = {}): Harness {
  const clock = new StepClock();
  const store = new FaultyStore(new MemoryStore({ sizeBytes: UNIT_BYTES, thin: true }), {
    clock,
    rng: seededRng(1),
    delayNanos: [MILLISECOND, MILLISECOND],
  });
  return new Harness({ clock, limits, targets: { [TARGET]: [{ store }] } });
}

/** A session past its power-on attention. */
function ready(harness: Harness, options: Parameters<Harness['login']>[0] = {}): Session {
  const session = harness.login(options);
  session.run({ cdb: new Uint8Array(16) });
  return session;
}

function textRequest(session: Session, tag: number, transferTag: number, flags: number, text: Uint8Array): void {
  const header = new Uint8Array(BASIC_HEADER_BYTES);
  putHeader(header, 0, TEXT_REQUEST | IMMEDIATE_BIT, flags, text.length, tag);
  putBe32(header, 20, transferTag);
  putBe32(header, 24, session.initiator.commandSequenceNumber);
  session.initiator.sendRaw(header, text);
}

describe('a login', () => {
  it('with more unknown keys than a response has room for is refused in a whole PDU', () => {
    const harness = inMemory();
    const wire = harness.connect();
    const seen: number[] = [];
    const output = new TargetOutput((pdu, opcode) => seen.push(opcode, pdu[36]!));
    wire.onBytes = (bytes) => output.handleBytes(bytes);
    const text = utf8Bytes(
      `InitiatorName=iqn.a\0TargetName=${TARGET}\0${Array.from({ length: 1000 }, (_, index) => `x${index}=1\0`).join('')}`,
    );
    const first = loginRequest(seededRng(1), text.subarray(0, 4000));
    first.header[1] = 0x44; // operational stage, continued
    const second = loginRequest(seededRng(1), text.subarray(4000));
    second.header[1] = 0x87;
    for (const { header, data } of [first, second]) {
      header.fill(0, 8, 14);
      wire.send(assemble(header, data, false));
    }
    harness.pump();
    expect(seen).toEqual([LOGIN_RESPONSE, 0, LOGIN_RESPONSE, 2]);
    expect(wire.closed).toBe(true);
  });
});

describe('text requests', () => {
  it('that ask for the targets a thousand times over get them once', () => {
    const harness = inMemory();
    const session = ready(harness, { name: 'iqn.2026-01.net.example:discoverer' });
    let received = 0;
    const { onBytes } = session.wire;
    session.wire.onBytes = (bytes) => {
      received += bytes.length;
      onBytes(bytes);
    };
    textRequest(session, 900, RESERVED_TAG, FINAL_BIT, utf8Bytes('SendTargets=\0'.repeat(1000)));
    harness.pump();
    expect(session.initiator.responses.has(900) || session.initiator.rejects.length !== 0).toBe(true);
    expect(received).toBeLessThan(1000);
  });

  it('that go on for ever without a byte are not gathered', () => {
    const harness = inMemory();
    const session = ready(harness);
    // The tags that the target gives to the initiator count up from 1.
    for (let count = 0; count < 2000; count += 1) {
      textRequest(session, 900, count === 0 ? RESERVED_TAG : count, 0x40, EMPTY_BYTES);
      harness.pump();
    }
    expect(session.initiator.rejects.length).toBeGreaterThan(0);
  });
});

describe('the command window', () => {
  it('stays open over any number of requests that are no commands', () => {
    const harness = inMemory();
    const { initiator, run } = ready(harness);
    for (let count = 0; count < 1000; count += 1) {
      expect(initiator.windowOpen, `after ${count} NOP-Outs`).toBe(true);
      const tag = initiator.ping(false);
      harness.pump();
      expect(initiator.responses.get(tag)).toBe(0);
    }
    expect(run({ cdb: new Uint8Array(16) }).status).toBe(0);
  });
});

describe('a peer that reads nothing', () => {
  const BACKLOG_BYTES = 64 * 1024;
  const flood = (header: Uint8Array, count: number): number => {
    const harness = inMemory({ sendBacklogBytes: BACKLOG_BYTES });
    const { wire, initiator } = ready(harness);
    wire.reads = false;
    for (let sent = 0; sent < count; sent += 1) {
      initiator.sendRaw(header.slice(), EMPTY_BYTES);
      if (sent % 16 === 0) harness.pump();
    }
    harness.pump();
    return wire.queuedBytesMax;
  };

  it('is not answered without end when its requests are rejected', () => {
    const header = new Uint8Array(BASIC_HEADER_BYTES);
    putHeader(header, 0, SNACK_REQUEST | IMMEDIATE_BIT, FINAL_BIT, 0, 5);
    expect(flood(header, 5000)).toBeLessThan(2 * BACKLOG_BYTES);
  });

  it('is not answered without end when it pings', () => {
    const header = new Uint8Array(BASIC_HEADER_BYTES);
    putHeader(header, 0, NOP_OUT | IMMEDIATE_BIT, FINAL_BIT, 0, 5);
    putBe32(header, 20, RESERVED_TAG);
    expect(flood(header, 5000)).toBeLessThan(2 * BACKLOG_BYTES);
  });
});

describe('task management', () => {
  it('takes a bounded number of functions that wait for a slow command', () => {
    const harness = withSlowStore();
    const { initiator } = ready(harness);
    initiator.execute({ cdb: cdb10(READ, 0, 8), dataInBytes: 4096 });
    harness.pump();
    const tags = Array.from({ length: 1000 }, () => initiator.manage(LOGICAL_UNIT_RESET));
    harness.pump();
    const refused = tags.filter((tag) => initiator.responses.get(tag) === FUNCTION_REJECTED);
    expect(refused.length).toBeGreaterThan(900);
    harness.until(() => tags.every((tag) => initiator.responses.has(tag)));
    expect(harness.leftovers()).toMatchObject({ commands: 0, tasks: 0, reservedBytes: 0 });
  });
});

/** Two connections of one session. */
function pair(harness: Harness): readonly [Session, Session] {
  const first = ready(harness, { keys: { MaxConnections: '2' } });
  const second = harness.login({ tsih: first.initiator.tsih, connectionId: 2, keys: { MaxConnections: '2' } });
  second.initiator.commandSequenceNumber = first.initiator.commandSequenceNumber;
  return [first, second];
}

describe('a session of two connections', () => {
  it('loses the commands of a connection that logs out (RFC 7143 §11.14.1), and goes on', () => {
    const harness = inMemory();
    const [first, second] = pair(harness);
    // It waits for data that will not come any more.
    first.initiator.onSend = () => {};
    const { onBytes } = first.wire;
    first.wire.onBytes = () => {};
    first.initiator.execute({ cdb: cdb10(WRITE, 0, 256), dataOut: new Uint8Array(131072) });
    harness.pump();
    expect(harness.leftovers()).toMatchObject({ commands: 1, reservedBytes: 131072 });
    first.wire.onBytes = onBytes;
    first.initiator.logout(1);
    harness.pump();
    expect(harness.leftovers()).toEqual({ sessions: 1, commands: 0, tasks: 0, reservedBytes: 0 });
    second.initiator.commandSequenceNumber = first.initiator.commandSequenceNumber;
    // It is told that some were ended (§7.6).
    expect(second.run({ cdb: new Uint8Array(16) }).status).toBe(2);
    expect(second.run({ cdb: new Uint8Array(16) }).status).toBe(0);
  });

  it('takes data on the connection of its command alone (RFC 7143 §4.2.2.1)', () => {
    const harness = inMemory();
    const [first, second] = pair(harness);
    const { onBytes } = first.wire;
    const kept: Uint8Array[] = [];
    first.wire.onBytes = (bytes) => kept.push(bytes);
    const tag = first.initiator.execute({ cdb: cdb10(WRITE, 0, 1), dataOut: new Uint8Array(512).fill(1) });
    harness.pump();
    const readyToTransfer = kept[0]!;
    const header = new Uint8Array(BASIC_HEADER_BYTES);
    putDataOut(header, 0, 0, tag, new DataView(readyToTransfer.buffer).getUint32(20), 0, 0, 0, 512, true);
    second.initiator.sendRaw(header, new Uint8Array(512).fill(2));
    harness.pump();
    expect(harness.leftovers().commands).toBe(1);
    first.wire.onBytes = onBytes;
    for (const bytes of kept) onBytes(bytes);
    harness.until(() => first.initiator.results.has(tag));
    expect(first.initiator.results.get(tag)!.status).toBe(0);
    second.initiator.commandSequenceNumber = first.initiator.commandSequenceNumber;
    expect(second.run({ cdb: cdb10(READ, 0, 1), dataInBytes: 512 }).dataIn).toEqual(new Uint8Array(512).fill(1));
  });
});

describe('data that nobody asked for', () => {
  it('does not disturb a command whose data is being written', () => {
    const harness = withSlowStore();
    const { initiator, run } = ready(harness);
    const data = seededRng(7).fill(new Uint8Array(512));
    const tag = initiator.execute({ cdb: cdb10(WRITE, 3, 1), dataOut: data, immediateBytes: 512 });
    const header = new Uint8Array(BASIC_HEADER_BYTES);
    putDataOut(header, 0, 0, tag, RESERVED_TAG, 0, 0, 0, 512, true);
    initiator.sendRaw(header, new Uint8Array(512));
    harness.until(() => initiator.results.has(tag));
    expect(initiator.results.get(tag)!.status).toBe(0);
    expect(run({ cdb: cdb10(READ, 3, 1), dataInBytes: 512 }).dataIn).toEqual(data);
  });
});

describe('reads behind a write that waits for its data', () => {
  it('do not keep that data from being read', () => {
    const harness = inMemory({ sendBacklogBytes: 1024 * 1024 });
    const { initiator } = ready(harness);
    const data = new Uint8Array(1024 * 1024).fill(9);
    const write = initiator.execute({ cdb: cdb10(WRITE, 0, 2048), dataOut: data, attribute: 'ordered' });
    const reads = Array.from({ length: 4 }, () => initiator.execute({ cdb: cdb10(READ, 0, 2048), dataInBytes: data.length }));
    harness.until(() => [write, ...reads].every((tag) => initiator.results.has(tag)));
    for (const tag of reads) expect(Buffer.compare(initiator.results.get(tag)!.dataIn, data)).toBe(0);
  });
});

describe('lengths that lie', () => {
  it.each([
    ['PERSISTENT RESERVE OUT', 0x5f, 0xffffffff],
    ['UNMAP', 0x42, 0xffff],
    ['EXTENDED COPY', 0x83, 0xffffffff],
    ['MODE SELECT(10)', 0x55, 0xffff],
    ['SET TARGET PORT GROUPS', 0xa4, 0xffffffff],
  ])('of a parameter list of %s make nobody set memory aside', (_, code, length) => {
    const harness = inMemory({ stagingBytes: 32 * 1024 * 1024 });
    const { initiator, wire } = ready(harness);
    const cdb = new Uint8Array(16);
    cdb[0] = code;
    if (code === 0x5f) putBe32(cdb, 5, length);
    else if (code === 0x83) putBe32(cdb, 10, length);
    else if (code === 0xa4) {
      cdb[1] = 0x0a;
      putBe32(cdb, 6, length);
    } else putBe16(cdb, 7, length);
    initiator.execute({ cdb, dataOut: new Uint8Array(8), expectedBytes: 0xffffffff });
    // The data announced never comes: what is asked for stays set aside.
    wire.onBytes = () => {};
    harness.pump();
    expect(harness.leftovers().reservedBytes).toBeLessThanOrEqual(65536);
  });

  it('of transfers beyond the end of the medium are refused before anything is set aside', () => {
    const harness = inMemory();
    const { run } = ready(harness);
    const cdb = cdb16(0x8a, 0, 0xffffffff);
    putBe64(cdb, 2, 2 ** 53 - 1);
    expect(run({ cdb, dataOut: new Uint8Array(0), expectedBytes: 0xffffffff }).status).toBe(2);
    expect(harness.leftovers().reservedBytes).toBe(0);
  });
});
