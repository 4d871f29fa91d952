/** QEMU plugged into our switch: its iPXE gets a lease from our DHCP server through our bridge, by `-netdev stream` and `-netdev dgram`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BROADCAST_IPV4, address } from '../../src/wire/ip/address.ts';
import { DhcpServer } from '../../src/inet/dhcp-server.ts';
import { attach, attachHints, type AttachSettings } from '../../src/os/ports/attach.ts';
import { serveQemuStream } from '../../src/os/ports/qemu-stream.ts';
import { wallClock } from '../../src/os/wall-clock.ts';
import { describeWithPeers } from './peers.ts';
import { type SwitchedHost, switchedHost } from './switched-host.ts';

let folder: string;
const cleanUp: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'samewire-qemu-'));
});

afterEach(async () => {
  for (const action of cleanUp.splice(0).toReversed()) await action();
  rmSync(folder, { recursive: true, force: true });
});

const MAC_A = 0x0200_0000_0a01;
const MAC_B = 0x0200_0000_0b02;

/** A machine that does nothing but boot from the network, until it is ended. */
function boot(hint: string): ChildProcess {
  const args = [
    '-machine',
    'pc,accel=tcg',
    '-m',
    '64',
    '-display',
    'none',
    '-monitor',
    'none',
    '-serial',
    'none',
    '-nodefaults',
    '-boot',
    'n',
  ];
  const machine = spawn('qemu-system-x86_64', [...args, ...hint.split(' ')], { stdio: ['ignore', 'ignore', 'inherit'] });
  cleanUp.push(() => end(machine));
  return machine;
}

async function end(machine: ChildProcess): Promise<void> {
  if (machine.exitCode !== null || machine.signalCode !== null) return;
  const over = new Promise((resolve) => machine.once('exit', resolve));
  machine.kill('SIGKILL');
  await over;
}

/** Leases for whoever is on the switch. */
function dhcp(host: SwitchedHost): DhcpServer {
  const server = new DhcpServer(
    {
      server: address('192.0.2.1'),
      bits: 24,
      first: address('192.0.2.100'),
      last: address('192.0.2.199'),
      leaseSeconds: 600,
      reservations: [],
      options: new Map(),
    },
    wallClock({ unref: true }),
  );
  const socket = host.udp.open({
    port: 67,
    onDatagram: ({ payload }) => {
      const answer = server.handleMessage(payload);
      if (answer !== undefined) socket.send(answer.to ?? BROADCAST_IPV4, 68, answer.message);
    },
  })!;
  host.host.routes.add({ prefix: BROADCAST_IPV4, bits: 32, via: undefined, out: host.nic, metric: 0 });
  return server;
}

function ours(ports: number): SwitchedHost {
  const host = switchedHost({ addresses: [['192.0.2.1', 24]], ports });
  cleanUp.push(() => host.close());
  return host;
}

const SLOW = { timeout: 60_000, interval: 100 };

describeWithPeers(['qemuSystem', 'ipxeRom'], 'machines of QEMU', () => {
  const cases: readonly (readonly [string, () => AttachSettings])[] = [
    ['a Unix stream', () => ({ kind: 'qemu', address: { path: join(folder, 'vm1.sock') } })],
    ['a TCP stream', () => ({ kind: 'qemu', address: { host: '127.0.0.1', port: 40_000 + (process.pid % 20_000) } })],
    ['Unix datagrams', () => ({ kind: 'qemu-datagrams', local: { path: join(folder, 'ours') }, remote: { path: join(folder, 'theirs') } })],
    [
      'UDP datagrams',
      () => ({
        kind: 'qemu-datagrams',
        local: { address: address('127.0.0.1'), port: 20_000 + (process.pid % 20_000) },
        remote: { address: address('127.0.0.2'), port: 20_000 + (process.pid % 20_000) },
      }),
    ],
  ];
  for (const [name, make] of cases)
    it(`get a lease over ${name}, with the arguments that are printed`, { timeout: 90_000 }, async () => {
      const host = ours(1);
      const server = dhcp(host);
      const settings = make();
      const attached = await attach(host.ports[0]!, settings, { events: (event) => host.events.push(event) });
      cleanUp.push(() => attached.close());
      boot(attachHints(settings, { mac: MAC_A })[0]!);
      await expect.poll(() => server.counters.leases, SLOW).toBeGreaterThan(0);
      expect(server.leases()).toMatchObject([{ mac: '02:00:00:00:0a:01' }]);
      expect(host.bridge.addresses().map(({ mac }) => mac)).toContain(MAC_A);
      // What was sent before the machine was there is lost, and known to be where the address is a path.
      expect(attached.attachment.counters).toMatchObject({ dropsIn: 0, malformed: 0, tooLong: 0 });
    });

  it('share one socket, each at a port of its own, and come back after they were gone', { timeout: 150_000 }, async () => {
    const host = ours(2);
    const server = dhcp(host);
    const settings = { kind: 'qemu', address: { path: join(folder, 'vms.sock') } } as const;
    const served = await serveQemuStream(host.ports, settings, { events: (event) => host.events.push(event) });
    cleanUp.push(() => served.close());
    const first = boot(attachHints(settings, { mac: MAC_A })[0]!);
    await expect.poll(() => server.leases().length, SLOW).toBe(1);
    boot(attachHints(settings, { mac: MAC_B })[0]!);
    await expect.poll(() => server.leases().length, SLOW).toBe(2);
    const known = (): Map<number, number> => new Map(host.bridge.addresses().map(({ mac, port }) => [mac, port]));
    expect([known().get(MAC_A), known().get(MAC_B)]).toEqual([1, 2]);
    await end(first);
    await expect.poll(() => served.attachments[0]!.wire.carrier).toBe(false);
    // What was learned at the port went with the machine.
    expect(known().get(MAC_A)).toBeUndefined();
    expect(served.attachments[1]!.wire.carrier).toBe(true);
    boot(attachHints(settings, { mac: MAC_A })[0]!);
    await expect.poll(() => known().get(MAC_A), SLOW).toBe(1);
    expect(host.events.map((event) => event.name)).toEqual([
      'port-machine-attached',
      'port-machine-attached',
      'port-machine-gone',
      'port-machine-attached',
    ]);
  });

  it('that listen are connected to, again after they were gone', { timeout: 150_000 }, async () => {
    const host = ours(1);
    const server = dhcp(host);
    const settings = { kind: 'qemu-listening', address: { path: join(folder, 'listening.sock') } } as const;
    const attached = await attach(host.ports[0]!, settings, { events: (event) => host.events.push(event) });
    cleanUp.push(() => attached.close());
    for (const mac of [MAC_A, MAC_B]) {
      const machine = boot(attachHints(settings, { mac })[0]!);
      await expect.poll(() => server.leases().length, SLOW).toBe(mac === MAC_A ? 1 : 2);
      expect(host.bridge.addresses().map((entry) => entry.mac)).toContain(mac);
      await end(machine);
      await expect.poll(() => attached.attachment.wire.carrier).toBe(false);
    }
    const names = ['port-machine-attached', 'port-machine-gone'];
    expect(host.events.map((event) => event.name)).toEqual([...names, ...names]);
  });

  it('that listen and wait see us come back', { timeout: 150_000 }, async () => {
    const settings = { kind: 'qemu-listening', address: { path: join(folder, 'listening.sock') } } as const;
    const first = ours(1);
    const leases = dhcp(first);
    const before = await attach(first.ports[0]!, settings, { events: () => {} });
    boot(attachHints(settings, { mac: MAC_A })[0]!);
    await expect.poll(() => leases.counters.leases, SLOW).toBeGreaterThan(0);
    await before.close();
    const second = ours(1);
    const after = await attach(second.ports[0]!, settings, { events: () => {} });
    cleanUp.push(() => after.close());
    await expect.poll(() => after.attachment.wire.carrier, SLOW).toBe(true);
    // Having found nothing to boot it tries again, or goes on where it was.
    await expect.poll(() => after.attachment.counters.framesIn, SLOW).toBeGreaterThan(0);
  });
});
