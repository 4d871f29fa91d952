/** Sessions at a whole target (RFC 7143 §6.3, §11.12-11.15): who gets in, reinstatement, several connections, discovery, limits, logout. */
import { afterEach, describe, expect, it } from 'vitest';
import { utf8Bytes } from '../../base/bytes.ts';
import { SECOND } from '../../base/clock.ts';
import { cdb10 } from '../scsi/testing/block-cdbs.ts';
import { hear, READ, same, slowStore, some, stored, WRITE } from './testing/blocks.ts';
import { DISK, HOST, ScriptedInitiator } from './testing/scripted-initiator.ts';
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
const sessionsOf = (bench: TargetBench): number => bench.service.sessions().length;

describe('who gets in', () => {
  it('is told in an event, and gets a session handle', () => {
    const bench = open();
    const i = bench.connect();
    expect(i.login()).toBe('login success');
    expect(i.tsih).not.toBe(0);
    expect(i.answers).toEqual({ TargetPortalGroupTag: '1', MaxRecvDataSegmentLength: '262144' });
    expect(bench.events.map((event) => event.message)).toEqual([`${HOST} logged in to ${DISK} from ${i.stream.remote}`]);
    expect(bench.service.counters).toMatchObject({ connections: 1, logins: 1, loginsRefused: 0 });
  });

  it.each([
    ['a target that does not exist', { target: 'iqn.2026-01.net.example:none' }, 'login not found'],
    ['an initiator without access', { initiator: OTHER, target: `${DISK}2` }, 'login authorization failure'],
    ['a session that does not exist', { tsih: 77 }, 'login session does not exist'],
    ['a target that is not at this portal', { target: `${DISK}3` }, 'login not found'],
  ])('not %s', (_, words, outcome) => {
    const bench = open({
      nodes: {
        [`${DISK}2`]: { grant: (name) => (name === HOST ? { chap: undefined } : undefined) },
        [`${DISK}3`]: { portalGroups: new Set([9]) },
      },
    });
    const i = bench.connect();
    expect(i.login(words)).toBe(outcome);
    expect(i.stream.closed).toBe(true);
    expect(sessionsOf(bench)).toBe(0);
    expect(bench.news()).toEqual(['login-refused']);
    expect(bench.service.counters.loginsRefused).toBe(1);
  });

  it('the same name is refused access and not found alike, told apart by status alone', () => {
    const bench = open({ nodes: { [`${DISK}2`]: { grant: () => undefined } } });
    expect(bench.connect().login({ target: `${DISK}2` })).toBe('login authorization failure');
  });

  it('a target that went elsewhere: the address is told', () => {
    const bench = open({ nodes: { [`${DISK}2`]: { movedTo: { address: '192.0.2.9:3260', permanently: false } } } });
    const i = bench.connect();
    expect(i.login({ target: `${DISK}2` })).toBe('login target moved temporarily');
    expect(i.answers['TargetAddress']).toBe('192.0.2.9:3260');
  });

  it.each([
    ['a NOP-Out', (i: ScriptedInitiator) => i.nop('x')],
    ['a SCSI command', (i: ScriptedInitiator) => void i.command({ cdb: cdb10(READ, 0, 1), read: 512 })],
    ['a Data-Out', (i: ScriptedInitiator) => i.dataOut(1, 1, 0, 0, some(1), true)],
    ['an unknown opcode', (i: ScriptedInitiator) => i.raw(0x1c)],
    ['a reserved stage', (i: ScriptedInitiator) => i.raw(0x43, (header) => (header[1] = 0x88))],
    ['a login PDU that is too long', (i: ScriptedInitiator) => i.raw(0x43, () => {}, new Uint8Array(8193))],
  ])('%s before the login ends the connection (§6.3)', (_, send) => {
    const bench = open();
    const i = bench.connect();
    send(i);
    expect(i.heard()).toEqual([]);
    expect(i.stream.closed).toBe(true);
    expect(bench.news()).toContain('connection-failed');
  });
});

describe('reinstatement of a session (§6.3.5)', () => {
  it('the same initiator port again ends what was there', () => {
    const bench = open();
    const first = bench.session();
    bench.news();
    const second = bench.connect();
    expect(second.login()).toBe('login success');
    expect(second.tsih).not.toBe(first.tsih);
    expect(first.stream.closed).toBe(true);
    expect(sessionsOf(bench)).toBe(1);
    expect(bench.news()).toEqual(['session-reinstated', 'session-closed', 'session-opened']);
    second.command({ cdb: cdb10(READ, 0, 1), read: 512 });
    expect(second.heard()).toEqual(['CHECK CONDITION under 512 UNIT ATTENTION: I_T nexus loss occurred (29h/07h)']);
  });

  it('another ISID is another session', () => {
    const bench = open();
    bench.session();
    expect(bench.connect().login({ isid: '00023d000002' })).toBe('login success');
    expect(bench.connect().login({ initiator: OTHER })).toBe('login success');
    expect(sessionsOf(bench)).toBe(3);
  });

  it('another portal group is another session', () => {
    const bench = open({ portals: [1, 2].map((groupTag) => ({ groupTag, announce: undefined })) });
    expect(bench.connect(0).login()).toBe('login success');
    expect(bench.connect(1).login()).toBe('login success');
    expect(sessionsOf(bench)).toBe(2);
  });

  it('waits until the commands of the old session have come to rest', () => {
    const bench = open({ store: slowStore });
    const first = bench.session();
    first.command({ cdb: cdb10(WRITE, 0, 1), write: 512, data: some(1) });
    bench.settle();
    const second = bench.connect();
    second.sendLogin();
    expect(second.heard()).toEqual([]);
    bench.step();
    expect(second.loginHeard()).toBe('login success');
  });

  it('and also if the old session is ending already, because its connection broke', () => {
    const bench = open({ store: slowStore });
    const first = bench.session();
    first.command({ cdb: cdb10(WRITE, 0, 1), write: 512, data: some(1) });
    bench.settle();
    first.stream.close('cable pulled');
    const second = bench.connect();
    second.sendLogin();
    const third = bench.connect();
    third.sendLogin();
    expect([...second.heard(), ...third.heard()]).toEqual([]);
    expect(sessionsOf(bench)).toBe(1);
    bench.step();
    // Both are of one initiator port: the one that asked last stays.
    expect(third.loginHeard()).toBe('login success');
    expect(second.stream.closed).toBe(true);
    expect(sessionsOf(bench)).toBe(1);
  });

  it('that is given up while it waits leaves nothing', () => {
    const bench = open({ store: slowStore });
    const first = bench.session();
    first.command({ cdb: cdb10(WRITE, 0, 1), write: 512, data: some(1) });
    bench.settle();
    const second = bench.connect();
    second.sendLogin();
    bench.settle();
    second.stream.close('tired of waiting');
    bench.step();
    expect(sessionsOf(bench)).toBe(0);
  });
});

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
    expect(a.heard()).toEqual(['data 0+512 F GOOD']);
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

/** What SendTargets answers. */
const listed = (bench: TargetBench, initiator: string, value = 'All'): string[] => {
  const i = bench.connect();
  expect(i.login({ discovery: true, initiator })).toBe('login success');
  i.text(`SendTargets=${value}\0`);
  return i.heard()[0]!.slice('text F '.length).split(';').slice(0, -1);
};

describe('discovery (appendix C)', () => {
  const nodes = {
    [`${DISK}2`]: { grant: (name: string) => (name === HOST ? { chap: undefined } : undefined) },
    [`${DISK}3`]: { portalGroups: new Set([2]) },
  };
  const portals = [
    { groupTag: 1, announce: undefined },
    { groupTag: 1, announce: 'storage.example:3260' },
    { groupTag: 2, announce: '[2001:db8::1]:3260' },
  ];
  const here = ['TargetAddress=192.0.2.1:3260,1', 'TargetAddress=storage.example:3260,1'];
  const there = 'TargetAddress=[2001:db8::1]:3260,2';

  it('names what the initiator may see, each with the addresses it is reached at', () => {
    const bench = open({ nodes, portals });
    expect(listed(bench, HOST)).toEqual([
      `TargetName=${DISK}`,
      ...here,
      there,
      `TargetName=${DISK}2`,
      ...here,
      there,
      `TargetName=${DISK}3`,
      there,
    ]);
    expect(listed(bench, OTHER)).not.toContain(`TargetName=${DISK}2`);
  });

  it('of one target', () => {
    const bench = open({ nodes, portals });
    expect(listed(bench, HOST, `${DISK}3`)).toEqual([`TargetName=${DISK}3`, there]);
    expect(listed(bench, OTHER, `${DISK}2`)).toEqual([]);
    expect(listed(bench, HOST, 'iqn.2026-01.net.example:none')).toEqual([]);
  });

  it('in a normal session tells of its own target alone', () => {
    const bench = open({ nodes, portals });
    const i = bench.session();
    i.text('SendTargets=\0');
    expect(i.heard()).toEqual([`text F TargetName=${DISK};${here.join(';')};${there};`]);
    i.text('SendTargets=All\0');
    expect(i.heard()).toEqual(['text F SendTargets=Reject;']);
    i.text(`SendTargets=${DISK}2\0`);
    expect(i.heard()).toEqual(['text F SendTargets=Reject;']);
    i.text('X-com.example=1\0InitiatorAlias=me\0');
    expect(i.heard()).toEqual(['text F X-com.example=NotUnderstood;']);
  });

  it('has no commands and no task management', () => {
    const bench = open();
    const i = bench.connect();
    i.login({ discovery: true });
    i.command({ cdb: cdb10(READ, 0, 1), read: 512 });
    i.manage(5);
    expect(i.heard()).toEqual(['reject 4', 'managed 255']);
    i.logout();
    expect(i.heard()).toEqual(['logout 0']);
    expect(sessionsOf(bench)).toBe(0);
  });

  it('over several responses where the list is long (§6.2)', () => {
    const names = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`${DISK}${n + 10}`, {}]));
    const bench = open({ nodes: names });
    const i = bench.connect();
    i.login({ discovery: true, keys: { MaxRecvDataSegmentLength: '512' } });
    i.text('SendTargets=All\0');
    let text = '';
    for (let pdu = i.one(); ; pdu = i.one()) {
      text += new TextDecoder().decode(pdu.data);
      expect(pdu.data.length).toBeLessThanOrEqual(512);
      if ((pdu.header[1]! & 0x80) !== 0) break;
      const [transferTag, taskTag] = [20, 16].map((at) => new DataView(pdu.header.buffer, pdu.header.byteOffset).getUint32(at)) as [
        number,
        number,
      ];
      i.text('', 0x80, transferTag, taskTag);
    }
    expect(text.split('\0').filter((pair) => pair.startsWith('TargetName='))).toHaveLength(31);
  });

  it('may ask for CHAP', () => {
    const account = { user: 'alice', secret: utf8Bytes('a secret of sixteen or more'), algorithms: ['SHA-256'] } as const;
    const bench = open({ discoveryChap: account });
    expect(bench.connect().login({ discovery: true })).toBe('login authentication failure');
  });
});

describe('limits', () => {
  it('of sessions', () => {
    const bench = open({ limits: { sessions: 2 } });
    for (const n of [1, 2]) expect(bench.connect().login({ isid: `00023d00000${n}` })).toBe('login success');
    expect(bench.connect().login({ isid: '00023d000003' })).toBe('login out of resources');
    // A session that takes the place of another needs no room of its own.
    expect(bench.connect().login({ isid: '00023d000001' })).toBe('login success');
  });

  it('of connections that have not logged in: the one that waited longest goes, and sessions stay', () => {
    const bench = open({ limits: { loginsPending: 3 } });
    const good = bench.session();
    bench.news();
    const waiting = Array.from({ length: 5 }, () => bench.connect());
    bench.settle();
    expect(waiting.map((i) => i.stream.closed)).toEqual([true, true, false, false, false]);
    expect(bench.news()).toEqual(['connection-shed', 'connection-shed']);
    expect(waiting[4]!.login({ isid: '00023d000002' })).toBe('login success');
    good.nop('still here');
    expect(good.heard()).toEqual(['pong still here']);
  });

  it('a thousand connections that never log in keep nobody out', () => {
    const bench = open();
    const good = bench.session();
    for (let n = 0; n < 1000; n += 1) {
      const i = bench.connect();
      if (n % 2 === 0) i.raw(0x43, (header) => (header[1] = 0x40)); // begins, and goes no further
    }
    bench.settle();
    expect(bench.streams.filter((stream) => !stream.closed)).toHaveLength(1 + bench.service.limits.loginsPending);
    expect(bench.connect().login({ isid: '00023d000002' })).toBe('login success');
    good.nop('still here');
    expect(good.heard()).toEqual(['pong still here']);
    bench.elapse(bench.service.limits.loginTimeoutNanos + SECOND);
    expect(bench.streams.filter((stream) => !stream.closed)).toHaveLength(2);
  });

  it('of time: a login that takes too long is over', () => {
    const bench = open({ limits: { loginTimeoutNanos: 3 * SECOND } });
    const i = bench.connect();
    i.raw(0x43, (header) => (header[1] = 0x40));
    bench.elapse(2 * SECOND);
    expect(i.stream.closed).toBe(false);
    bench.elapse(2 * SECOND);
    expect(i.stream.closed).toBe(true);
    expect(bench.news()).toEqual(['login-timed-out']);
    const logged = bench.session();
    bench.elapse(10 * SECOND);
    expect(logged.stream.closed).toBe(false);
  });
});

it('handles go round without meeting a session that is open', () => {
  const bench = open();
  const kept = bench.session();
  const seen = new Set<number>();
  for (let n = 0; n < 50; n += 1) seen.add(bench.session({ isid: '00023d000002' }).tsih);
  expect(seen.has(kept.tsih)).toBe(false);
  expect(hear(bench, kept)).toEqual([]);
});
