/**
 * iSNS (RFC 4171) against Open-iSNS: what we register isnsadm finds, what isnsadm registers we find, and isnsd tells us of changes and asks
 * after us. Every test has a server of its own.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, expect, it } from 'vitest';
import type { FabricEvent } from '../../src/base/event.ts';
import { wallClock } from '../../src/os/wall-clock.ts';
import {
  discoverByIsns,
  IsnsConnection,
  IsnsFailure,
  type IsnsObject,
  listenForNotices,
  type NodeChange,
  watchIsns,
} from '../../src/os/isns/index.ts';
import { defaultIsnsLimits } from '../../src/storage/isns/index.ts';
import { NODE_INITIATOR, NODE_TARGET, STATUS_NO_SUCH_ENTRY } from '../../src/wire/isns/index.ts';
import { type Isnsd, type IsnsdOptions, startIsnsd } from './isnsd-process.ts';
import { describeWithPeers } from './peers.ts';
import { recordTo } from './recording-proxy.ts';
import { runPeer } from './run-peer.ts';
import { makeScratch } from './scratch.ts';
import { CLI, startTarget } from './target-process.ts';

const ARRAY = 'array.example';
const DISK1 = 'iqn.2026-01.net.example:disk1';
const DISK2 = 'iqn.2026-01.net.example:disk2';
const HOST = 'iqn.2026-01.net.example:host';
const THEIRS = 'iqn.2026-01.net.example:theirs';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function isnsd(options: IsnsdOptions = {}): Promise<Isnsd> {
  const server = await startIsnsd(options);
  closers.push(() => server.stop());
  return server;
}

function connectionOf(server: Isnsd, source: string): IsnsConnection {
  const connection = new IsnsConnection(server.server, { source });
  closers.push(() => connection.close());
  return connection;
}

/** What isnsd logs when a registration period ends. */
const EXPIRED = /Expiring entity/;

/** Limits of time are for hangs alone: what is waited for comes in a moment. */
const LIMIT_MS = 30_000;

async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (const end = performance.now() + LIMIT_MS; performance.now() < end; await sleep(50)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`${what} did not come about`);
}

const two = [
  { address: '127.0.0.1', port: 3260, name: 'front' },
  { address: '127.0.0.2', port: 3261 },
];
const entityOf = (name: string) => ({ identifier: ARRAY, portals: two, nodes: [{ name, type: NODE_TARGET }] });
const nodesOf = (objects: readonly IsnsObject[]): string[] =>
  objects
    .filter((object) => object.kind === 'node')
    .map((object) => object.name)
    .sort();

describeWithPeers(['isnsd', 'isnsadm'], 'iSNS with Open-iSNS', () => {
  it('finds in isnsadm what we register, attribute by attribute', async () => {
    const server = await isnsd();
    const ours = connectionOf(server, DISK1);
    const registered = await ours.register({
      identifier: ARRAY,
      portals: two,
      nodes: [
        { name: DISK1, type: NODE_TARGET, alias: 'first', authentication: 'CHAP,none', groups: [{ tag: 7, portals: [0, 1] }] },
        { name: DISK2, type: NODE_TARGET | NODE_INITIATOR },
      ],
    });
    expect([registered.entity, registered.periodSeconds]).toEqual([ARRAY, 3600]);
    const seen = await server.admin(HOST, ['--query', `iscsi-name=${DISK1}`]);
    for (const line of [
      /Entity identifier = "array\.example"/,
      /Entity protocol = iSCSI \(2\)/,
      /iSCSI name = "iqn\.2026-01\.net\.example:disk1"/,
      /iSCSI node type = Target\n/,
      /iSCSI alias = "first"/,
      /iSCSI auth method = "CHAP,none"/,
      /Portal IP address = 127\.0\.0\.1\n/,
      /Portal TCP\/UDP port = 3260\/tcp/,
      /Portal name = "front"/,
      /Portal IP address = 127\.0\.0\.2\n/,
      /Portal TCP\/UDP port = 3261\/tcp/,
      /Portal group tag = 7\n/,
    ])
      expect(seen).toMatch(line);
    expect(await server.admin(HOST, ['--query', `iscsi-name=${DISK2}`])).toMatch(/iSCSI node type = Target, Initiator/);
  });

  it('takes an entity, a node, a portal away again', async () => {
    const server = await isnsd();
    const ours = connectionOf(server, DISK1);
    const nodes = [DISK1, DISK2].map((name) => ({ name, type: NODE_TARGET }));
    await ours.register({ identifier: ARRAY, portals: two, nodes });
    expect(nodesOf(await ours.everything())).toEqual([DISK1, DISK2]);
    await ours.deregister([{ node: DISK2 }, { portal: { address: '127.0.0.2', port: 3261 } }]);
    const seen = await server.admin(HOST, ['--query', 'iscsi-name']);
    expect(seen).toMatch(/disk1/);
    expect(seen).not.toMatch(/disk2|127\.0\.0\.2/);
    await ours.deregister([{ entity: ARRAY }]);
    expect(await ours.everything()).toEqual([]);
  });

  it('replaces what an entity had before, and adds to it without the flag', async () => {
    const server = await isnsd();
    const ours = connectionOf(server, DISK1);
    await ours.register(entityOf(DISK1));
    await ours.register(entityOf(DISK2));
    expect(nodesOf(await ours.everything())).toEqual([DISK1, DISK2]);
    await ours.register(entityOf(DISK1), true);
    expect(nodesOf(await ours.everything())).toEqual([DISK1]);
  });

  it('makes an entity up where we name none', async () => {
    const server = await isnsd();
    const { entity } = await connectionOf(server, DISK1).register({
      identifier: undefined,
      portals: two,
      nodes: [{ name: DISK1, type: NODE_TARGET }],
    });
    expect(entity).not.toBe('');
    expect(await server.admin(HOST, ['--query', `eid=${entity}`])).toMatch(/disk1/);
  });

  it('gives the targets that isnsadm registers as SendTargets would, and no initiators', async () => {
    const server = await isnsd();
    expect(await discoverByIsns(server.server, { initiatorName: HOST })).toEqual([]);
    await server.admin(THEIRS, ['--register', 'entity=ent1', `target=${THEIRS},alias=theirs`, 'portal=192.0.2.7:3260', 'pg,pgt=5']);
    await server.admin(HOST, ['--register', 'entity=ent2', `initiator=${HOST}`, 'portal=192.0.2.8:860']);
    const ours = connectionOf(server, DISK1);
    await ours.register({
      identifier: ARRAY,
      portals: [...two, { address: '2001:db8::7', port: 3262 }],
      nodes: [
        { name: DISK1, type: NODE_TARGET, groups: [{ tag: 2, portals: [0, 2] }, { tag: undefined, portals: [1] }] }, // biome-ignore format: a picture
        { name: DISK2, type: NODE_TARGET | NODE_INITIATOR, groups: [{ tag: 3, portals: [1] }, { tag: undefined, portals: [0, 2] }] }, // biome-ignore format: a picture
      ],
    });
    const found = await discoverByIsns(server.server, { initiatorName: HOST });
    expect(found.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      {
        name: DISK1,
        portals: [
          { host: '127.0.0.1', port: 3260, groupTag: 2 },
          { host: '2001:db8::7', port: 3262, groupTag: 2 },
        ],
      },
      { name: DISK2, portals: [{ host: '127.0.0.2', port: 3261, groupTag: 3 }] },
      { name: THEIRS, portals: [{ host: '192.0.2.7', port: 3260, groupTag: 5 }] },
    ]);
  });

  it('registers and finds more targets than one of its messages holds', async () => {
    const server = await isnsd();
    const names = Array.from({ length: 200 }, (_, index) => `iqn.2026-01.net.example:disk${String(index).padStart(3, '0')}`);
    const ours = connectionOf(server, names[0]!);
    const nodes = names.map((name) => ({ name, type: NODE_TARGET, groups: [{ tag: 1, portals: [0, 1] }] }));
    await ours.register({ identifier: ARRAY, portals: two, nodes }, true);
    const found = await discoverByIsns(server.server, { initiatorName: HOST });
    expect(found.map((target) => target.name).sort()).toEqual(names);
    for (const target of found) expect(target.portals).toHaveLength(2);
    expect(nodesOf(await ours.everything())).toEqual(names);
  });

  it('goes from object to object with Get Next until there is no more', async () => {
    const server = await isnsd();
    const ours = connectionOf(server, DISK1);
    await ours.register({ identifier: ARRAY, portals: two, nodes: [DISK1, DISK2].map((name) => ({ name, type: NODE_TARGET })) });
    const seen: string[] = [];
    for (let last: string | undefined; ; ) {
      const next: IsnsObject[] = await ours.next([{ tag: 32, value: last }], [32, 33]).catch((error: unknown) => {
        expect((error as IsnsFailure).status).toBe(STATUS_NO_SUCH_ENTRY);
        return [];
      });
      const node = next.find((object) => object.kind === 'node');
      if (node === undefined) break;
      expect(node.type).toBe(NODE_TARGET);
      last = node.name;
      seen.push(last);
    }
    expect(seen.sort()).toEqual([DISK1, DISK2]);
  });

  it('shows an initiator the targets of its discovery domains only', async () => {
    const server = await isnsd({ defaultDomain: false });
    const ours = connectionOf(server, DISK1);
    await ours.register({ identifier: ARRAY, portals: two, nodes: [DISK1, DISK2].map((name) => ({ name, type: NODE_TARGET })) });
    const host = connectionOf(server, HOST);
    await host.register({ identifier: 'host.example', portals: [], nodes: [{ name: HOST, type: NODE_INITIATOR }] });
    const seen = async (): Promise<string[]> => (await discoverByIsns(server.server, { initiatorName: HOST })).map((target) => target.name);
    expect(await seen()).toEqual([]);
    const id = await ours.registerDomain({ name: 'lab', members: [HOST, DISK2] });
    expect(await seen()).toEqual([DISK2]);
    await ours.registerDomain({ id, members: [DISK1] });
    expect((await seen()).sort()).toEqual([DISK1, DISK2]);
    await ours.deregisterDomain(id, [DISK2]);
    expect(await seen()).toEqual([DISK1]);
    await ours.deregisterDomain(id);
    expect(await seen()).toEqual([]);
  });

  it.each(['tcp', 'udp'] as const)('tells us by %s when another node comes and goes', async (transport) => {
    const server = await isnsd();
    const told: NodeChange[] = [];
    const watching = await watchIsns(server.server, {
      name: HOST,
      transport,
      address: '127.0.0.1',
      onChanges: (changes) => void told.push(...changes),
    });
    closers.push(() => watching.close());
    await server.admin(THEIRS, ['--register', 'entity=ent1', `target=${THEIRS}`, 'portal=192.0.2.7:3260']);
    await until('the notification of a new node', () => told.find((change) => change.node === THEIRS && (change.bitmap & 0x08) !== 0));
    await server.admin(THEIRS, ['--deregister', 'eid=ent1']);
    await until('the notification of its end', () => told.find((change) => change.node === THEIRS && (change.bitmap & 0x10) !== 0));
    // Each was acknowledged: isnsd would send it again, and says so.
    await until('the acknowledgement', () => server.log().includes('acknowledged notification') || undefined);
    await watching.close();
    expect(await server.admin(THEIRS, ['--query', 'iscsi-name']).catch(String)).not.toContain(HOST);
  });

  it('refuses to be told where no portal has a port for it, and says so in words', async () => {
    const server = await isnsd();
    const ours = connectionOf(server, HOST);
    await ours.register({ identifier: ARRAY, portals: two, nodes: [{ name: HOST, type: NODE_INITIATOR }] });
    const refusal: unknown = await ours.notify(0x08).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(IsnsFailure);
    expect([(refusal as IsnsFailure).reason, (refusal as IsnsFailure).status]).toEqual(['refused', 17]);
    expect((refusal as IsnsFailure).message).toMatch(/SCNReg: registration for state change notifications rejected/);
  });

  it('asks after our portals, and drops them when nobody answers', async () => {
    const server = await isnsd({ settings: { ESIMinInterval: 1, ESIRetries: 2, RegistrationPeriod: 3600 } });
    const asked: string[] = [];
    const listener = await listenForNotices('127.0.0.1', { port: 0, transport: 'tcp' }, defaultIsnsLimits, {
      clock: wallClock({ unref: true }),
      events: () => {},
      source: 'test',
      owns: (entity) => entity === ARRAY,
      handleNotice: (notice) => notice.type === 'inquiry' && asked.push(notice.entity),
    });
    closers.push(() => listener.close());
    const ours = connectionOf(server, DISK1);
    await ours.register({
      identifier: ARRAY,
      portals: [{ address: '127.0.0.1', port: 3260, inquiry: { port: listener.port, intervalSeconds: 1 } }],
      nodes: [{ name: DISK1, type: NODE_TARGET }],
    });
    // More than the retries of one inquiry: it is the answers that keep us there.
    await until('the fifth inquiry', () => (asked.length >= 5 ? asked : undefined));
    expect(nodesOf(await connectionOf(server, HOST).everything())).toContain(DISK1);
    await listener.close();
    await until('the end of the portal', async () =>
      (await discoverByIsns(server.server, { initiatorName: HOST })).length === 0 ? true : undefined,
    );
  });

  it('forgets us when the registration period ends without a sign of life', async () => {
    const server = await isnsd({ settings: { RegistrationPeriod: 2, ESIRetries: 0 } });
    const { periodSeconds } = await connectionOf(server, DISK1).register({
      identifier: ARRAY,
      portals: two,
      nodes: [{ name: DISK1, type: NODE_TARGET }],
    });
    expect(periodSeconds).toBe(2);
    await until('the end of the registration', async () => {
      const found = await discoverByIsns(server.server, { initiatorName: HOST });
      return found.length === 0 || undefined;
    });
    expect(server.log()).toMatch(EXPIRED);
  });
});

const fabric = (server: string, more = ''): string => `version: 1
name: registered
arrays:
  array1:
    isns: { server: "${server}"${more} }
    portals:
      - { listen: "127.0.0.1:0", name: a, group: 1 }
      - { listen: "127.0.0.2:0", name: b, group: 2 }
    targets:
      ${DISK1}: { alias: first, luns: [{ store: memory, size: 1MiB }] }
      ${DISK2}: { portals: [b], luns: [{ store: memory, size: 1MiB }] }
`;

async function up(text: string) {
  const scratch = makeScratch();
  closers.push(() => scratch.remove());
  const target = await startTarget(['up', scratch.write('fabric.yaml', text)]);
  closers.push(() => target.stop());
  return target;
}

const samewire = async (...args: string[]): Promise<string> => {
  const run = await runPeer(process.execPath, [CLI, 'isns', ...args], { timeoutMs: 30_000 });
  expect(run).toMatchObject({ code: 0, stderr: '' });
  return run.stdout;
};

describeWithPeers(['isnsd', 'tshark'], "Wireshark's iSNS dissector", () => {
  it('finds in our bytes what we meant, and nothing malformed', async () => {
    const server = await isnsd();
    const scratch = makeScratch();
    closers.push(() => scratch.remove());
    const capture = scratch.path('isns.pcap');
    const proxy = await recordTo(capture, server.server);
    const ours = new IsnsConnection(proxy.address, { source: DISK1 });
    const inquiry = { port: { port: 4001, transport: 'udp' }, intervalSeconds: 60 } as const;
    const notifications = { port: 4002, transport: 'tcp' } as const;
    await ours.register(
      {
        identifier: ARRAY,
        periodSeconds: 600,
        portals: [{ address: '192.0.2.7', port: 3260, name: 'front', inquiry, notifications }],
        nodes: [{ name: DISK1, type: NODE_TARGET, alias: 'first', authentication: 'CHAP,none', groups: [{ tag: 7, portals: [0] }] }],
      },
      true,
    );
    await ours.notify(0x1c);
    await ours.everything();
    await ours.next([{ tag: 32, value: undefined }]);
    const id = await ours.registerDomain({ name: 'lab', members: [DISK1] });
    await ours.deregisterDomain(id);
    await ours.stopNotifying();
    await ours.deregister([{ entity: ARRAY }]);
    ours.close();
    await proxy.close();
    const tshark = async (...args: string[]): Promise<string[]> => {
      const run = await runPeer('tshark', ['-r', capture, '-d', 'tcp.port==3260,isns', ...args], { timeoutMs: 60_000 });
      expect(run).toMatchObject({ code: 0 });
      return run.stdout.split('\n').filter((line) => line !== '');
    };
    expect(await tshark('-Y', '_ws.malformed || _ws.expert.severity >= 0x600000')).toEqual([]);
    const functions = await tshark('-Y', 'isns.flags.client == 1 && isns.functionid < 0x8000', '-T', 'fields', '-e', 'isns.functionid');
    expect(functions.map(Number)).toEqual([1, 5, 2, 3, 9, 10, 6, 4]);
    const meant = {
      'flags.replace': '1',
      'flags.firstpdu': '1',
      'flags.lastpdu': '1',
      entity_identifier: `${ARRAY},${ARRAY}`,
      entity_protocol: '2',
      registration_period: '600',
      'portal.ip_address': '::ffff:192.0.2.7',
      portal_port: '3260',
      'portal.symbolic_name': 'front',
      esi_interval: '60',
      esi_port: '4001',
      'port.port_type': '0,1,0,0', // of the portal, ESI, SCN, and the portal group; 1: UDP
      scn_port: '4002',
      iscsi_name: `${DISK1},${DISK1}`,
      'iscsi.node_type': '0x00000001',
      iscsi_alias: 'first',
      iscsi_auth_method: 'CHAP,none',
      portal_group_tag: '7',
      'pg_portal.ip_address': '::ffff:192.0.2.7',
      'pg.portal_port': '3260',
    };
    const fields = Object.keys(meant);
    const [line] = await tshark('-Y', 'isns.functionid == 1', '-T', 'fields', ...fields.flatMap((field) => ['-e', `isns.${field}`]));
    expect(Object.fromEntries(line!.split('\t').map((value, index) => [fields[index], value]))).toEqual(meant);
  });
});

describeWithPeers(['isnsd', 'isnsadm'], 'samewire up and iSNS', () => {
  beforeAll(() => {
    readFileSync(CLI); // built
  });

  it('registers targets with their portals and groups, keeps them registered over periods and a restart of the server, and takes them back', async () => {
    const server = await isnsd({ settings: { RegistrationPeriod: 3, ESIRetries: 0 } });
    const target = await up(fabric(server.server, ', entity: rack7.example'));
    const ports = target.ready.arrays['array1']!.portals.map((portal) => Number(portal.split(':')[1]));
    const [a, b] = [
      { host: '127.0.0.1', port: ports[0]!, groupTag: 1 },
      { host: '127.0.0.2', port: ports[1]!, groupTag: 2 },
    ];
    const expected = [
      { name: DISK1, portals: [a, b] },
      { name: DISK2, portals: [b] },
    ];
    const found = async () => {
      const targets = await discoverByIsns(server.server, { initiatorName: HOST });
      return targets.length === 2 ? targets.toSorted((one, other) => (one.name < other.name ? -1 : 1)) : undefined;
    };
    expect(await until('the registration', found)).toEqual(expected);
    expect(await server.admin(HOST, ['--query', `iscsi-name=${DISK1}`])).toMatch(/"rack7\.example"[\s\S]*iSCSI alias = "first"/);
    // Two periods on it is still there: isnsd logs when one ends.
    await sleep(7000);
    expect(await found()).toEqual(expected);
    expect(server.log()).not.toMatch(EXPIRED);
    // Its database is in memory: a restart forgets us.
    await server.restart();
    expect(await until('the registration after the restart', found)).toEqual(expected);
    await target.stop();
    expect(await discoverByIsns(server.server, { initiatorName: HOST })).toEqual([]);
    expect(target.events().map((line) => (JSON.parse(line) as FabricEvent & { event: string }).event)).toEqual(
      expect.arrayContaining(['isns-registered', 'isns-deregistered']),
    );
  });

  it('answers when isnsd asks after its portals', async () => {
    const server = await isnsd({ settings: { ESIMinInterval: 1, ESIRetries: 2 } });
    await up(fabric(server.server, ', inquiry: 1s'));
    await until('four answers', () => server.log().split('---ESIRsp---').length > 4 || undefined);
    expect(await discoverByIsns(server.server, { initiatorName: HOST })).toHaveLength(2);
  });

  it('comes up without the server, and registers when there is one', async () => {
    const server = await isnsd();
    await server.kill();
    const target = await up(fabric(server.server));
    await until('the warning', () => target.events().find((line) => line.includes('isns-connect-failed')));
    await server.restart();
    await until('the registration', async () => {
      const targets = await discoverByIsns(server.server, { initiatorName: HOST });
      return targets.length === 2 || undefined;
    });
  });

  it('has commands that register, show and take back', async () => {
    const server = await isnsd();
    const made = await samewire(
      'register',
      server.server,
      '--target',
      DISK1,
      '--portal',
      '127.0.0.1:3260',
      '--entity',
      ARRAY,
      '--alias',
      'first',
    );
    expect(made).toBe(`Registered ${ARRAY}: 1 node, 1 portal, for 3600 s without a sign of life.\n`);
    expect(await samewire('query', server.server, '--as', HOST)).toBe(
      `${ARRAY}  iSCSI, registered for 3600 s\n  node    ${DISK1}  target "first"\n  portal  127.0.0.1:3260\n` +
        `  group   ${DISK1} group 1 at 127.0.0.1:3260\n1 node, 1 portal.\n`,
    );
    expect(await server.admin(HOST, ['--query', 'iscsi-name'])).toContain(DISK1);
    const found = await runPeer(process.execPath, [CLI, 'iscsi', 'discover', '--isns', server.server, '--initiator', HOST, '--json']);
    expect(JSON.parse(found.stdout)).toEqual({
      targets: [{ name: DISK1, portals: [{ address: '127.0.0.1:3260', host: '127.0.0.1', port: 3260, group: 1 }] }],
    });
    expect(await samewire('deregister', server.server, '--node', DISK1)).toBe('Deregistered 1 object.\n');
    expect(JSON.parse(await samewire('query', server.server, '--as', HOST, '--json'))).toEqual({ objects: [] });
  });
});
