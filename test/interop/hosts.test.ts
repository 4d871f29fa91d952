/**
 * Declared hosts as their users run them: the example logs in and shows it; an array that is killed comes back; discovery, static targets and
 * CHAP against Linux's tgtd; rescan and what a removed server leaves.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hostsOf, iscsi, pathsOf, pathWords, rescan, targetsOf, targetWords, until } from './host-process.ts';
import { SECRET, startTgtdTarget, TARGET_SECRET, TARGET_USER, type TestTarget, USER } from './initiator-targets.ts';
import { describeWithPeers } from './peers.ts';
import { makeScratch, type Scratch } from './scratch.ts';
import { startTarget, type TargetProcess } from './target-process.ts';
import { freePort } from './tgtd-process.ts';

const running: TargetProcess[] = [];
const scratches: Scratch[] = [];

afterEach(async () => {
  for (const process of running.splice(0)) await process.stop();
  for (const scratch of scratches.splice(0)) scratch.remove();
});

async function up(file: string, env: Readonly<Record<string, string>> = {}): Promise<TargetProcess> {
  const process = await startTarget(['up', file], { env });
  running.push(process);
  return process;
}

function scratch(): Scratch {
  const made = makeScratch();
  scratches.push(made);
  return made;
}

const hostFabric = (adapter: string): string => `version: 1
name: host
arrays: {}
hosts:
  esx1:
    iscsi:
      vmhba64:
        initiator: iqn.1998-01.com.vmware:esx1
        ${adapter.replaceAll('\n', '\n        ')}
`;

/** How the tests' user proves who it is. */
const account = (secret: string, more = ''): string => `chap: { user: ${USER}, secret: { env: ${secret} }${more} }`;

const names = (process: TargetProcess): string[] =>
  process
    .events()
    .slice(1)
    .map((line) => (JSON.parse(line) as { event: string }).event);

describe('hosts', () => {
  it('of the example log in when it comes up, and out before it goes down', async () => {
    const fabric = await up('fabrics/hosts.yaml');
    const [esx1, esx2] = fabric.ready.hosts!;
    expect(esx1!.adapters[0]!.targets.map(targetWords)).toEqual(['shared dynamic logged-in none', 'shared dynamic logged-in none']);
    expect(esx1!.adapters[0]!.targets.map(({ session }) => session.dataDigest)).toEqual([true, true]);
    expect(pathsOf(esx1!).map(pathWords)).toEqual([
      'vmhba64:C0:T0:L0 active in use',
      'vmhba64:C1:T0:L0 active in use',
      'vmhba64:C0:T0:L1 active in use',
      'vmhba64:C1:T0:L1 active in use',
    ]);
    expect(pathsOf(esx2!).map(pathWords)).toEqual([
      'vmhba64:C0:T0:L0 active in use',
      'vmhba65:C0:T0:L0 active',
      'vmhba64:C0:T0:L1 active in use',
      'vmhba65:C0:T0:L1 active',
    ]);
    expect(esx1!.devices.map(({ device, bytes }) => [device, bytes])).toEqual(esx2!.devices.map(({ device, bytes }) => [device, bytes]));
    expect((await hostsOf('fabrics/hosts.yaml')).map(({ host }) => host)).toEqual(['esx1', 'esx2']);
    expect(await iscsi('sessions', 'fabrics/hosts.yaml')).toContain('esx2/vmhba65:C0:T0:L1');
    expect(await fabric.stop()).toEqual({ code: 0, signal: null });
    const events = names(fabric);
    // Every session is closed by who opened it, not by the array.
    expect(events.filter((name) => name === 'initiator-logged-out')).toHaveLength(4);
    const closed = fabric.events().filter((line) => line.includes('"session-closed"') && line.includes(':shared'));
    expect(closed).toHaveLength(4);
    for (const line of closed) expect(line).toContain('the initiator logged out');
    await expect(hostsOf('fabrics/hosts.yaml')).rejects.toThrow('fabrics/hosts.yaml is not up');
  });

  it('find their disks again when an array was killed and is back', async () => {
    const { write } = scratch();
    const port = await freePort();
    const array = write(
      'array.yaml',
      `version: 1\nname: array\narrays:\n  array1:\n    portals: ["127.0.0.1:${port}"]\n    targets: { iqn.2026-01.net.samewire:disk: { luns: [{ store: memory, size: 8MiB }] } }\n`,
    );
    const host = write(
      'host.yaml',
      hostFabric(`bind: [127.0.0.1]\ndiscovery: ["127.0.0.1:${port}"]\nsettings: { pingAfter: 1s, pingTimeout: 1s }`),
    );
    // The host is there first: it goes on trying.
    const fabric = await up(host);
    expect(fabric.ready.hosts![0]!.adapters[0]!.servers).toMatchObject([
      { state: 'failed', reason: expect.stringContaining('ECONNREFUSED') },
    ]);
    const first = await up(array);
    const before = await until(host, (one) => pathsOf(one).some((path) => path.inUse));
    process.kill(first.pid, 'SIGKILL');
    const without = await until(host, (one) => pathsOf(one).every((path) => path.state === 'dead'));
    expect(without.devices).toMatchObject([{ device: before.devices[0]!.device, state: 'no-path' }]);
    expect(without.adapters[0]!.targets[0]!.session).toMatchObject({ state: expect.stringMatching(/waiting|logging-in/) });
    await up(array);
    const after = await until(host, (one) => pathsOf(one).some((path) => path.inUse));
    expect(after.devices.map(({ device }) => device)).toEqual(before.devices.map(({ device }) => device));
    expect(await fabric.stop()).toEqual({ code: 0, signal: null });
  });

  it('are asked by one process at a time, and also after another was killed', async () => {
    const host = scratch().write('host.yaml', hostFabric(`discovery: ["127.0.0.1:${await freePort()}"]`));
    const first = await up(host);
    expect(first.ready.control).toMatch(/\.sock$/);
    const second = await up(host);
    expect(second.ready.control).toBeUndefined();
    // The first event after the ready line.
    while (second.events().length < 2) await sleep(20);
    expect(names(second)).toContain('control-unavailable');
    process.kill(first.pid, 'SIGKILL');
    await first.stop();
    const third = await up(host);
    expect(third.ready.control).toBe(first.ready.control);
    expect(await hostsOf(host)).toHaveLength(1);
  });

  it('do without the reader of their ready line', async () => {
    const host = scratch().write('host.yaml', hostFabric('discovery: ["127.0.0.1:1"]'));
    const child = spawn(process.execPath, ['dist/cli/main.js', 'up', host, '--json'], { stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.destroy();
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0);
  });
});

describeWithPeers(['tgtd'], 'hosts and tgtd', () => {
  let open: TestTarget;
  let chap: TestTarget;
  let mutual: TestTarget;

  beforeAll(async () => {
    [open, chap, mutual] = await Promise.all([startTgtdTarget(), startTgtdTarget({ way: 'chap' }), startTgtdTarget({ way: 'mutual' })]);
  });
  afterAll(async () => {
    await Promise.all([open, chap, mutual].map((target) => target?.stop()));
  });

  const asking = (secret: string): string => hostFabric(`targets: [{ name: ${chap.name}, address: "${chap.portal}" }]\n${account(secret)}`);

  const env = { IN: SECRET, OUT: TARGET_SECRET, WRONG: 'not the right secret' };

  it('discover its target, and keep it as a static one when the server is removed, until it is removed too', async () => {
    const { write, path } = scratch();
    const file = write(
      'host.yaml',
      hostFabric(`discovery: ["${open.portal}"]\nsettings: { headerDigest: [crc32c], dataDigest: [crc32c] }`),
    );
    const fabric = await up(file);
    const [host] = fabric.ready.hosts!;
    expect(targetsOf(host!).map(targetWords)).toEqual(['theirs dynamic logged-in none']);
    expect(targetsOf(host!)[0]!.session).toMatchObject({ headerDigest: true, dataDigest: true, portals: [open.portal] });
    // LUN 0 of tgtd is its controller, which is no disk.
    expect(host!.devices).toMatchObject([
      { vendor: 'IET', product: 'VIRTUAL-DISK', bytes: 32 * 1024 * 1024, blockSize: 512, state: 'ready' },
    ]);
    expect(host!.devices[0]!.device).toMatch(/^(naa|eui|t10)\./);
    expect(pathsOf(host!).map(pathWords)).toEqual(['vmhba64:C0:T0:L1 active in use']);

    writeFileSync(path('host.yaml'), hostFabric('settings: { headerDigest: [crc32c], dataDigest: [crc32c] }'));
    const [without] = await rescan(file);
    expect(without!.adapters[0]!.servers).toEqual([]);
    expect(targetsOf(without!).map(targetWords)).toEqual(['theirs static logged-in none']);
    await iscsi('forget', 'esx1/vmhba64', open.name, '--file', file);
    const [gone] = await rescan(file);
    expect([targetsOf(gone!), gone!.devices]).toEqual([[], []]);

    writeFileSync(
      path('host.yaml'),
      hostFabric(`targets: [{ name: ${open.name}, address: "${open.portal}", settings: { headerDigest: [none], dataDigest: [none] } }]`),
    );
    const [given] = await rescan(file);
    expect(targetsOf(given!).map(targetWords)).toEqual(['theirs static logged-in none']);
    expect(targetsOf(given!)[0]!.session).toMatchObject({ headerDigest: false, dataDigest: false });
    expect(given!.devices).toHaveLength(1);
    expect(await fabric.stop()).toEqual({ code: 0, signal: null });
  });

  it('log in with CHAP, one way and both ways', async () => {
    const proof = `, mutual: { user: ${TARGET_USER}, secret: { env: OUT } }`;
    const targets = [
      `{ name: ${chap.name}, address: "${chap.portal}", ${account('IN')} }`,
      `{ name: ${mutual.name}, address: "${mutual.portal}", ${account('IN', proof)} }`,
    ];
    const fabric = await up(scratch().write('host.yaml', hostFabric(`targets: [${targets.join(', ')}]`)), env);
    expect(targetsOf(fabric.ready.hosts![0]!).map(targetWords)).toEqual([
      'theirs static logged-in chap',
      'theirs static logged-in mutual-chap',
    ]);
  });

  it('say why they are not let in, go on trying, and take the right secret when the file has it', async () => {
    const { write, path } = scratch();
    const file = write('host.yaml', asking('WRONG'));
    const fabric = await up(file, env);
    const [{ session }] = targetsOf(fabric.ready.hosts![0]!) as [ReturnType<typeof targetsOf>[number]];
    expect(session).toMatchObject({ state: expect.stringMatching(/waiting|logging-in/), reason: expect.stringMatching(/refused/) });
    writeFileSync(path('host.yaml'), asking('IN'));
    expect(targetsOf((await rescan(file))[0]!).map(targetWords)).toEqual(['theirs static logged-in chap']);
    expect(await fabric.stop()).toEqual({ code: 0, signal: null });
    for (const secret of Object.values(env)) expect(fabric.events().join('\n')).not.toContain(secret);
  });
});
