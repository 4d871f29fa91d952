/** Connections of a session at a whole target (RFC 7143 §4.2.2.1, §6.3.4, §11.14): several of them, one in the place of another, logout. */
import { afterEach, describe, expect, it } from 'vitest';
import { SECOND } from '../../base/clock.ts';
import { RESERVED_TAG } from '../../wire/iscsi/basic-header.ts';
import { cdb10 } from '../scsi/testing/block-cdbs.ts';
import { READ, same, slowStore, some, stored, WRITE } from './testing/blocks.ts';
import { type BenchOptions, NOTHING_LEFT, TargetBench } from './testing/target-bench.ts';

const benches: TargetBench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) expect(bench.leftovers()).toEqual(NOTHING_LEFT);
});

function open(options: BenchOptions = {}): TargetBench {
  const bench = new TargetBench(options);
  benches.push(bench);
  return bench;
}

const OTHER = 'iqn.2026-01.net.example:other';
/** RFC 7143 §7.6: what the initiator is told of commands that ended with their connection. */
const CLEARED = 'UNIT ATTENTION: some commands cleared by iSCSI protocol event (47h/7fh)';
const sessionsOf = (bench: TargetBench): number => bench.service.sessions().length;

describe('several connections', () => {
  const many = { keys: { MaxConnections: '4', InitialR2T: 'No' } };

  it('carry one session: each is answered where it asked', () => {
    const bench = open();
    const a = bench.session(many);
    const b = bench.join(a, 1);
    expect(b.tsih).toBe(a.tsih);
    expect(sessionsOf(bench)).toBe(1);
    a.command({ cdb: cdb10(WRITE, 0, 1), write: 512, data: some(1) });
    b.command({ cdb: cdb10(READ, 0, 1), read: 512 });
    expect(a.heard()).toEqual(['GOOD']);
    expect(b.heard()).toEqual(['data 0+512 F GOOD']);
  });

  it('take the session-wide keys over, and agree on digests by themselves', () => {
    const bench = open();
    const a = bench.session({ keys: { ...many.keys, MaxBurstLength: '4096' } });
    const b = bench.join(a, 1, { keys: { HeaderDigest: 'CRC32C', MaxBurstLength: '8192' } });
    expect(b.answers).toMatchObject({ HeaderDigest: 'CRC32C', MaxBurstLength: 'Irrelevant' });
    b.command({ cdb: cdb10(WRITE, 0, 16), write: 8192 });
    expect(b.heard()).toEqual(['R2T 0 0+4096']);
  });

  it('bring commands out of order: they run in the order of their numbers (§4.2.2.1)', () => {
    const bench = open();
    const a = bench.session(many);
    const b = bench.join(a, 1);
    const first = a.numbers.commandSequenceNumber;
    const write = (n: number) => ({ cdb: cdb10(WRITE, 0, 1), write: 512, data: some(1, n), commandSequenceNumber: first + n });
    b.command(write(2));
    b.command(write(1));
    expect(b.heard()).toEqual([]);
    a.command(write(3));
    expect(a.heard()).toEqual([]);
    a.command(write(0));
    expect([...a.heard(), ...b.heard()]).toEqual(['GOOD', 'GOOD', 'GOOD', 'GOOD']);
    expect(same(stored(bench, 0, 1), some(1, 3))).toBe(true);
    expect(a.numbers.expectedCommand).toBe(first + 4);
  });

  it('with long immediate data that has to wait for its turn', () => {
    const bench = open();
    const a = bench.session(many);
    const b = bench.join(a, 1);
    const first = a.numbers.commandSequenceNumber;
    b.stream.pieceBytes = 5000;
    b.command({ cdb: cdb10(WRITE, 0, 128), write: 65_536, data: some(128), commandSequenceNumber: first + 1 });
    expect(b.heard()).toEqual([]);
    expect(bench.service.staging.reservedBytes).toBe(65_536);
    a.command({ cdb: cdb10(READ, 0, 1), read: 512, commandSequenceNumber: first });
    expect(b.heard()).toEqual(['GOOD']);
    expect(same(stored(bench, 0, 128), some(128))).toBe(true);
    expect(bench.service.staging.reservedBytes).toBe(0);
  });

  it('with unsolicited data that comes before the turn of its command, and the rest asked for when that comes', () => {
    const bench = open();
    const a = bench.session({ keys: { ...many.keys, FirstBurstLength: '16384' } });
    const b = bench.join(a, 1);
    const first = a.numbers.commandSequenceNumber;
    const data = some(48, 3);
    const write = { cdb: cdb10(WRITE, 0, 48), write: 24_576, data: data.subarray(0, 4096), final: false };
    const tag = b.command({ ...write, commandSequenceNumber: first + 1 });
    b.dataOut(tag, RESERVED_TAG, 0, 4096, data.subarray(4096, 12_288), false);
    b.dataOut(tag, RESERVED_TAG, 1, 12_288, data.subarray(12_288, 16_384), true);
    // More than FirstBurstLength is not kept.
    b.dataOut(tag, RESERVED_TAG, 2, 16_384, data.subarray(16_384, 16_896), true);
    expect(b.heard()).toEqual([]);
    a.command({ cdb: cdb10(READ, 0, 1), read: 512, commandSequenceNumber: first });
    const r2t = b.one();
    b.fulfil(r2t, data);
    expect(b.heard()).toEqual(['GOOD']);
    expect(same(stored(bench, 0, 48), data)).toBe(true);
    expect(bench.service.counters.droppedDataOuts).toBe(1);
  });

  it('data comes where its command came', () => {
    const bench = open();
    const a = bench.session(many);
    const b = bench.join(a, 1);
    const tag = a.command({ cdb: cdb10(WRITE, 0, 16), write: 8192 });
    const r2t = a.one();
    b.fulfil(r2t, some(16, 5));
    expect([...a.heard(), ...b.heard()]).toEqual([]);
    a.fulfil(r2t, some(16, 6));
    expect(a.heard()).toEqual(['GOOD']);
    expect(tag).toBe(1);
    expect(same(stored(bench, 0, 16), some(16, 6))).toBe(true);
  });

  it('are limited by what was agreed on', () => {
    const bench = open();
    const a = bench.session({ keys: { MaxConnections: '2' } });
    bench.join(a, 1);
    const third = bench.connect();
    expect(third.login({ tsih: a.tsih, connectionId: 2 })).toBe('login too many connections');
    const alone = bench.session({ isid: '00023d000009' });
    expect(bench.connect().login({ isid: '00023d000009', tsih: alone.tsih, connectionId: 1 })).toBe('login too many connections');
  });

  it('are joined by the initiator alone that has the session, and at its portal group', () => {
    const bench = open({ portals: [1, 2].map((groupTag) => ({ groupTag, announce: undefined })) });
    const a = bench.session(many);
    expect(bench.connect().login({ tsih: a.tsih, connectionId: 1, initiator: OTHER })).toBe('login session does not exist');
    expect(bench.connect().login({ tsih: a.tsih, connectionId: 1, isid: '00023d000002' })).toBe('login session does not exist');
    expect(bench.connect(1).login({ tsih: a.tsih, connectionId: 1 })).toBe('login cant include in session');
  });

  it('one that breaks takes the session with it (§7.1.4.1: recovery level 0)', () => {
    const bench = open();
    const a = bench.session(many);
    const b = bench.join(a, 1);
    b.stream.close('cable pulled');
    bench.settle();
    expect(a.stream.closed).toBe(true);
    expect(sessionsOf(bench)).toBe(0);
  });
});

describe('reinstatement of a connection (§6.3.4)', () => {
  const many = { keys: { MaxConnections: '4', InitialR2T: 'No' } };

  it('the same CID again takes the place of the old connection, whose commands end', () => {
    const bench = open();
    const a = bench.session(many);
    const b = bench.join(a, 1);
    b.command({ cdb: cdb10(WRITE, 0, 16), write: 8192, data: some(8) });
    expect(b.heard()).toEqual(['R2T 0 4096+4096']);
    const again = bench.connect(0, a);
    expect(again.login({ tsih: a.tsih, connectionId: 1 })).toBe('login success');
    expect(b.stream.closed).toBe(true);
    expect(sessionsOf(bench)).toBe(1);
    expect(bench.service.staging.reservedBytes).toBe(0);
    again.command({ cdb: cdb10(READ, 0, 1), read: 512 });
    expect(again.heard()).toEqual([`CHECK CONDITION under 512 ${CLEARED}`]);
    again.command({ cdb: cdb10(READ, 0, 1), read: 512 });
    expect(again.heard()).toEqual(['data 0+512 F GOOD']);
  });

  it('works for the only connection, too', () => {
    const bench = open();
    const a = bench.session();
    const again = bench.connect(0, a);
    expect(again.login({ tsih: a.tsih })).toBe('login success');
    expect([a.stream.closed, sessionsOf(bench)]).toEqual([true, 1]);
    again.nop('x');
    expect(again.heard()).toEqual(['pong x']);
  });

  it('what the old connection brought ahead of its turn is not carried out', () => {
    const bench = open();
    const a = bench.session(many);
    const b = bench.join(a, 1);
    const first = a.numbers.commandSequenceNumber;
    b.stream.pieceBytes = 5000;
    b.command({ cdb: cdb10(WRITE, 0, 128), write: 65_536, data: some(128), commandSequenceNumber: first + 1 });
    expect(b.heard()).toEqual([]);
    const again = bench.connect(0, a);
    expect(again.login({ tsih: a.tsih, connectionId: 1 })).toBe('login success');
    expect(bench.service.staging.reservedBytes).toBe(0);
    a.command({ cdb: cdb10(READ, 0, 1), read: 512, commandSequenceNumber: first });
    again.command({ cdb: cdb10(READ, 0, 1), read: 512, commandSequenceNumber: first + 1 });
    expect([...a.heard(), ...again.heard()]).toEqual(['data 0+512 F GOOD', 'data 0+512 F GOOD']);
    expect(same(stored(bench, 0, 128), new Uint8Array(65_536))).toBe(true);
  });
});

describe('logout (§11.14)', () => {
  const many = { keys: { MaxConnections: '4', InitialR2T: 'No' } };

  it('closes the session, commands and other connections as well', () => {
    const bench = open();
    const a = bench.session(many);
    const b = bench.join(a, 1);
    b.command({ cdb: cdb10(WRITE, 0, 16), write: 8192 });
    expect(b.heard()).toEqual(['R2T 0 0+8192']);
    bench.news();
    a.logout(0);
    expect(a.heard()).toEqual(['logout 0']);
    expect([a.stream.closed, b.stream.closed, sessionsOf(bench)]).toEqual([true, true, 0]);
    expect(bench.news()).toEqual(['session-closed']);
  });

  it('closes one connection, its own or another; the session stays', () => {
    const bench = open();
    const a = bench.session(many);
    const [b, c] = [bench.join(a, 1), bench.join(a, 2)];
    for (const connection of [b, c]) connection.command({ cdb: cdb10(WRITE, 0, 16), write: 8192 });
    bench.settle();
    b.logout(1, 1);
    expect(b.heard()).toEqual(['R2T 0 0+8192', 'logout 0']);
    a.logout(1, 2);
    expect(a.heard()).toEqual(['logout 0']);
    expect([a.stream.closed, b.stream.closed, c.stream.closed]).toEqual([false, true, true]);
    expect(bench.service.staging.reservedBytes).toBe(0);
    a.command({ cdb: cdb10(READ, 0, 1), read: 512 });
    expect(a.heard()).toEqual([`CHECK CONDITION under 512 ${CLEARED}`]);
    expect(a.numbers.maxCommand - a.numbers.expectedCommand).toBe(127);
  });

  it('of the last connection ends the session', () => {
    const bench = open();
    const a = bench.session();
    a.logout(1, 0);
    expect(a.heard()).toEqual(['logout 0']);
    expect(sessionsOf(bench)).toBe(0);
  });

  it('of a connection that is not there, and for recovery, are refused', () => {
    const bench = open();
    const a = bench.session();
    a.logout(1, 9);
    a.logout(2, 0);
    expect(a.heard()).toEqual(['logout 1', 'logout 2']);
    expect(a.stream.closed).toBe(false);
  });

  it('a command that ends after its connection logged out is not answered any more', () => {
    const bench = open({ store: slowStore });
    const a = bench.session(many);
    const b = bench.join(a, 1);
    b.command({ cdb: cdb10(READ, 0, 1), read: 512 });
    b.logout(1, 1);
    expect(b.heard()).toEqual(['logout 0']);
    bench.elapse(SECOND);
    expect(b.stream.writtenAfterEnd).toBe(0);
    a.nop('x');
    expect(a.heard()).toEqual(['pong x']);
  });

  it('a peer that does not close after its logout is closed in the end, and is sent nothing more', () => {
    const bench = open({ limits: { pingAfterNanos: 5 * SECOND, pingTimeoutNanos: 5 * SECOND } });
    const a = bench.session();
    a.stream.reads = false;
    a.logout();
    bench.settle();
    expect(a.stream.closed).toBe(false);
    bench.elapse(20 * SECOND);
    expect(a.stream.closed).toBe(true);
    expect(a.stream.writtenAfterEnd).toBe(0);
  });
});
