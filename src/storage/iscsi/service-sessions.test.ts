/** Sessions at a whole target (RFC 7143 §6.3, §11.12-11.13): who gets in, reinstatement, discovery, limits. */
import { afterEach, describe, expect, it } from 'vitest';
import { utf8Bytes } from '../../base/bytes.ts';
import { SECOND } from '../../base/clock.ts';
import { cdb10 } from '../scsi/testing/block-cdbs.ts';
import { hear, READ, slowStore, some, WRITE } from './testing/blocks.ts';
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
    expect(bench.traced.map((event) => event.message)).toEqual([
      `the login of ${HOST} from ${i.stream.remote} goes on from operational negotiation to the full feature phase`,
      expect.stringMatching(/^connection 0 of session 1 from .*: header digest off, data digest off, bursts of 65536 and 262144 bytes/),
    ]);
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

describe('a session that is ended by hand', () => {
  it.each(['0', '2'])('goes without a word, with what it had under way, and may come again (error recovery level %s)', (level) => {
    const bench = open({ store: slowStore });
    const [first, other] = [bench.session({ keys: { ErrorRecoveryLevel: level } }), bench.session({ isid: '00023d000002' })];
    const [killed, left] = bench.service.sessions();
    first.command({ cdb: cdb10(WRITE, 0, 1), write: 512, data: some(1) });
    bench.settle();
    bench.news();
    expect(bench.service.endSession(killed!.id)).toBe(true);
    // Its command is still at the store: it has not come to rest.
    expect(bench.service.endSession(killed!.id)).toBe(false);
    bench.settle();
    expect([first.stream.closed, other.stream.closed]).toEqual([true, false]);
    expect(first.heard()).toEqual([]);
    while (bench.step());
    expect(bench.service.sessions()).toEqual([left]);
    expect(bench.news()).toEqual(['session-killed', 'session-closed']);
    expect(bench.connect().login()).toBe('login success');
    expect(bench.service.sessions().map(({ id }) => id)).toEqual([left!.id, left!.id + 1]);
  });

  it('may be a discovery session', () => {
    const bench = open();
    const i = bench.connect();
    i.login({ discovery: true });
    const [session] = bench.service.sessions();
    expect(bench.service.endSession(session!.id)).toBe(true);
    bench.settle();
    expect(i.stream.closed).toBe(true);
    expect(bench.service.sessions()).toEqual([]);
    expect(bench.service.endSession(99)).toBe(false);
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

  it('names the host the initiator reached, with the port of each portal that listens everywhere', () => {
    const everywhere = [3260, 3262].map((port, index) => ({ groupTag: index + 1, announce: { port } }));
    const bench = open({ nodes: { [`${DISK}4`]: { portalGroups: new Set([1, 2]) } }, portals: everywhere });
    expect(listed(bench, HOST, `${DISK}4`)).toEqual([
      `TargetName=${DISK}4`,
      'TargetAddress=192.0.2.1:3260,1',
      'TargetAddress=192.0.2.1:3262,2',
    ]);
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
