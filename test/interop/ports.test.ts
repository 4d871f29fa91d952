/** Ports to the world against Linux: the kernel as a neighbour by a TAP, by a veth pair, and by its VXLAN device. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Attachment } from '../../src/os/ports/attachment.ts';
import { attachTunnel } from '../../src/os/ports/datagram-port.ts';
import { attachInterface } from '../../src/os/ports/packet-socket.ts';
import { attachTap } from '../../src/os/ports/tap.ts';
import { address } from '../../src/wire/ip/address.ts';
import { describeWithNamespaces, makeNamespace, type Namespace } from './namespaces.ts';
import { PEERS } from './peers.ts';
import { runPeer } from './run-peer.ts';
import { HOST_MAC, type SwitchedHost, switchedHost } from './switched-host.ts';

let namespace: Namespace;
let folder: string;
const cleanUp: (() => void)[] = [];

beforeEach(() => {
  namespace = makeNamespace();
  folder = mkdtempSync(join(tmpdir(), 'samewire-ports-'));
});

afterEach(() => {
  for (const action of cleanUp.splice(0).toReversed()) action();
  namespace.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** However busy the machine is. */
const SOON = { timeout: 10_000 };

const addresses = [
  ['192.0.2.1', 24],
  ['2001:db8::1', 64],
] as const;

function ours(options: Partial<Parameters<typeof switchedHost>[0]> = {}): SwitchedHost {
  const host = switchedHost({ addresses, ...options });
  cleanUp.push(() => host.close());
  return host;
}

/** What the bridge hears of the first free port. */
function carriersOf(host: SwitchedHost): { readonly ups: boolean[] } {
  const ups: boolean[] = [];
  host.bridge.onCarrier((port, up) => {
    if (port === host.ports[0]) ups.push(up);
  });
  return { ups };
}

function plugged(attachment: Attachment): Attachment {
  cleanUp.push(() => attachment.close());
  return attachment;
}

/** Commands run beside us: ours must answer meanwhile. */
const inside = (command: string) => runPeer('ip', ['netns', 'exec', namespace.name, 'sh', '-ec', command], { timeoutMs: 20_000 });

/** Gives the interface addresses of the kernel's, ready for use at once. */
function addressInterface(name: string, more = ''): void {
  namespace.run(`ip addr add 192.0.2.2/24 dev ${name}; ip addr add 2001:db8::2/64 dev ${name} nodad; ip link set ${name} ${more} up`);
}

/** Records what the kernel sees on an interface while `action` runs; gives the file. */
async function recording(name: string, action: () => Promise<void>): Promise<string | undefined> {
  if (!PEERS.tshark.isInstalled()) {
    await action();
    return undefined;
  }
  const file = join(folder, 'seen.pcapng');
  const dumpcap = spawn('ip', ['netns', 'exec', namespace.name, 'dumpcap', '-q', '-i', name, '-w', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await new Promise<void>((resolve) => dumpcap.stderr.on('data', (text: Buffer) => String(text).includes('File:') && resolve()));
  await action();
  // The kernel hands over what it recorded in blocks, now and then.
  await new Promise((resolve) => setTimeout(resolve, 500));
  dumpcap.kill('SIGTERM');
  await new Promise((resolve) => dumpcap.once('close', resolve));
  return file;
}

/** What of ours tshark finds wrong in the file, with how many frames of ours it looked at. */
async function complaints(file: string): Promise<{ readonly frames: number; readonly bad: string }> {
  const checks = ['ip', 'tcp', 'udp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]);
  const read = async (filter: string): Promise<string> =>
    (await runPeer('tshark', ['-r', file, ...checks, '-Y', `(eth.src == 02:00:5e:00:00:01) && (${filter})`])).stdout;
  const bad = await read(
    'ip.checksum.status == 0 || icmp.checksum.status == 0 || icmpv6.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 0 || _ws.malformed',
  );
  return { frames: (await read('frame')).split('\n').length - 1, bad };
}

/** Both directions, both families, small and in fragments. */
async function pingBothWays(host: SwitchedHost): Promise<void> {
  for (const to of ['192.0.2.1', '2001:db8::1'])
    for (const bytes of [56, 5000]) {
      const run = await inside(`ping -n -c 3 -i 0.05 -W 3 -s ${bytes} ${to}`);
      expect(run.stdout, run.stderr).toContain('3 received, 0% packet loss');
    }
  for (const to of ['192.0.2.2', '2001:db8::2'])
    for (const bytes of [56, 5000, 60_000])
      expect(await host.ping(to, bytes), `${to}, ${bytes} bytes`).toMatchObject({ kind: 'reply', intact: true });
}

async function expectGoodNeighbours(host: SwitchedHost, name: string, attachment: Attachment): Promise<void> {
  // The kernel uses its IPv6 addresses once it knows of its own carrier, which may be a second after the interface was set up.
  await expect.poll(() => attachment.wire.carrier, SOON).toBe(true);
  const file = await recording(name, () => pingBothWays(host));
  if (file === undefined) return;
  const { frames, bad } = await complaints(file);
  expect(bad).toBe('');
  expect(frames).toBeGreaterThan(100);
}

describeWithNamespaces('a TAP', () => {
  it('makes the kernel a neighbour: pings both ways, in fragments, over IPv4 and IPv6', async () => {
    const host = ours();
    const tap = plugged(namespace.within(() => attachTap(host.ports[0]!, 'sw0', { events: (event) => host.events.push(event) })));
    addressInterface('sw0');
    await expectGoodNeighbours(host, 'sw0', tap);
    expect(tap.counters).toMatchObject({ dropsIn: 0, malformed: 0 });
    expect(tap.counters.framesOut).toBeGreaterThan(100);
  });

  it('has carrier while its interface is up; removed, it is gone: an event each', { timeout: 30_000 }, async () => {
    const host = ours();
    const { ups } = carriersOf(host);
    const tap = plugged(namespace.within(() => attachTap(host.ports[0]!, 'sw0', { events: (event) => host.events.push(event) })));
    expect(tap.wire.carrier).toBe(false);
    namespace.run('ip link set sw0 up');
    await expect.poll(() => tap.wire.carrier, SOON).toBe(true);
    namespace.run('ip link set sw0 down');
    await expect.poll(() => tap.wire.carrier, SOON).toBe(false);
    namespace.run('ip link set sw0 up');
    await expect.poll(() => tap.wire.carrier, SOON).toBe(true);
    namespace.run('ip link del sw0');
    await expect.poll(() => tap.wire.carrier, SOON).toBe(false);
    expect(ups).toEqual([true, false, true, false]);
    expect(host.events.map((event) => event.name)).toEqual([
      'port-interface-up',
      'port-interface-down',
      'port-interface-up',
      'port-interface-gone',
    ]);
  });

  it('with a name that is taken or can be nobody’s says so', () => {
    const host = ours({ ports: 2 });
    plugged(namespace.within(() => attachTap(host.ports[0]!, 'sw0', { events: () => {} })));
    expect(() => namespace.within(() => attachTap(host.ports[1]!, 'sw0', { events: () => {} }))).toThrow(
      'attached to another process already',
    );
    expect(() => attachTap(host.ports[1]!, 'a name too long for one', { events: () => {} })).toThrow(
      'can’t be an interface’s name'.replaceAll('’', "'"),
    );
    expect(() => namespace.within(() => attachTap(host.ports[1]!, 'lo', { events: () => {} }))).toThrow('interface of another kind');
  });
});

/** One end of a pair for us, the other for the kernel. */
function attachPair(host: SwitchedHost, index = 0): Attachment {
  namespace.run('ip link add cable0 type veth peer name cable1; ip link set cable0 addrgenmode none; ip link set cable0 up');
  return plugged(namespace.within(() => attachInterface(host.ports[index]!, 'cable0', { events: (event) => host.events.push(event) })));
}

describeWithNamespaces('an interface', () => {
  it('that is one end of a veth pair makes the kernel at the other a neighbour', async () => {
    const host = ours();
    const attachment = attachPair(host);
    addressInterface('cable1');
    await expectGoodNeighbours(host, 'cable1', attachment);
    expect(attachment.counters).toMatchObject({ dropsIn: 0, dropsOut: 0, malformed: 0, tooLong: 0 });
  });

  it('gives TCP of the kernel, cut and with checksums, to another kernel at a TAP', async () => {
    const host = ours({ ports: 2 });
    const cable = attachPair(host);
    addressInterface('cable1');
    const other = makeNamespace();
    cleanUp.push(() => other.remove());
    const tap = plugged(other.within(() => attachTap(host.ports[1]!, 'sw0', { events: () => {} })));
    other.run('ip addr add 192.0.2.3/24 dev sw0; ip addr add 2001:db8::3/64 dev sw0 nodad; ip link set sw0 up');
    for (const [family, to] of [
      ['4', '192.0.2.3'],
      ['6', '[2001:db8::3]'],
    ] as const) {
      // Both directions over one connection: data that the kernel would leave to its card to cut, and acknowledgements.
      const script = `const net = require('node:net'), { createHash } = require('node:crypto');
        const bytes = Buffer.alloc(8 << 20, (index) => index), digest = (data) => createHash('sha256').update(data).digest('hex');
        for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32BE(at * 2654435761 % 4294967296 >>> 0, at);
        const take = (socket, done) => { const parts = []; socket.on('data', (part) => parts.push(part)); socket.on('end', () => done(digest(Buffer.concat(parts)))); };`;
      const listener = runPeer('ip', [
        'netns',
        'exec',
        other.name,
        process.execPath,
        '-e',
        `${script}
        const server = net.createServer((socket) => { server.close(); take(socket, (sum) => console.log(sum === digest(bytes))); socket.end(bytes); });
        server.listen(7000);`,
      ]);
      const sender = await inside(`exec ${process.execPath} -e '${script.replaceAll("'", '"')}
        const dial = () => { const socket = net.connect(7000, "${to.replace(/[[\]]/g, '')}", () => { take(socket, (sum) => console.log(sum === digest(bytes))); socket.end(bytes); });
          socket.on("error", () => setTimeout(dial, 50)); };
        dial();'`);
      expect(sender.stdout, `IPv${family}: ${sender.stderr}`).toBe('true\n');
      expect((await listener).stdout).toBe('true\n');
    }
    expect(cable.counters).toMatchObject({ malformed: 0, tooLong: 0 });
    // Nothing of it was longer than the interfaces' MTU.
    expect(tap.counters.bytesOut / tap.counters.framesOut).toBeLessThan(1515);
    // The kernel took many at once.
    const packets = Number(other.run('cat /sys/class/net/sw0/statistics/rx_packets'));
    expect(packets).toBeGreaterThan(0);
    expect(tap.counters.framesOut).toBeGreaterThan(2 * packets);
    // InErrs and InCsumErrors of proc_net_snmp.
    const drops = other.run("grep '^Tcp:' /proc/net/snmp | tail -1 | awk '{ print $14 + $16 }'");
    expect(Number(drops)).toBe(0);
  });

  it('is not told of what it sent itself', async () => {
    const host = ours();
    const attachment = attachPair(host);
    namespace.run('ip link set cable1 addrgenmode none; ip link set cable1 up');
    // The kernel's own frames on the way up.
    await expect.poll(() => attachment.counters.framesIn).toBeGreaterThanOrEqual(0);
    const before = attachment.counters.framesIn;
    for (let count = 0; count < 50; count += 1) host.nic.announce(address('192.0.2.1'));
    await expect.poll(() => attachment.counters.framesOut).toBeGreaterThanOrEqual(50);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(attachment.counters.framesIn).toBe(before);
  });

  it('keeps the tag of a VLAN', async () => {
    // The kernel here may have no VLAN device; a packet socket of the other side sends what it likes.
    const host = ours({ ports: 1, vlan: 42 });
    attachPair(host);
    namespace.run('ip link set cable1 addrgenmode none; ip link set cable1 up');
    const other = switchedHost({ addresses: [['192.0.2.2', 24]], vlan: 42, mac: HOST_MAC + 1 });
    cleanUp.push(() => other.close());
    plugged(namespace.within(() => attachInterface(other.ports[0]!, 'cable1', { events: () => {} })));
    expect(await host.ping('192.0.2.2', 56)).toMatchObject({ kind: 'reply', intact: true });
  });

  it('gives its carrier to the port, whichever way it loses it, and is not looked for once it was removed', {
    timeout: 30_000,
  }, async () => {
    const host = ours();
    const { ups } = carriersOf(host);
    const attachment = attachPair(host);
    const { wire } = attachment;
    // The other end of the pair is still down.
    expect(wire.carrier).toBe(false);
    addressInterface('cable1');
    await expect.poll(() => wire.carrier, SOON).toBe(true);
    // Carrier, by the other end; and administratively.
    for (const name of ['cable1', 'cable0']) {
      namespace.run(`ip link set ${name} down`);
      await expect.poll(() => wire.carrier, { ...SOON, message: name }).toBe(false);
      namespace.run(`ip link set ${name} up`);
      await expect.poll(() => wire.carrier, { ...SOON, message: name }).toBe(true);
    }
    // It goes by its index, not by its name.
    namespace.run('ip link set cable0 down');
    await expect.poll(() => wire.carrier, SOON).toBe(false);
    namespace.run('ip link set cable0 name cable2; ip link set cable2 up');
    await expect.poll(() => wire.carrier, SOON).toBe(true);
    await expect.poll(() => host.ping('192.0.2.2', 56), SOON).toMatchObject({ kind: 'reply', intact: true });
    namespace.run('ip link del cable2');
    await expect.poll(() => wire.carrier, SOON).toBe(false);
    namespace.run('ip link add cable0 type veth peer name cable1; ip link set cable0 up; ip link set cable1 up');
    expect(ups).toEqual([true, false, true, false, true, false, true, false]);
    expect(host.events.map((event) => event.name).filter((name) => name.startsWith('port-'))).toEqual(
      ['up', 'down', 'up', 'down', 'up', 'down', 'up', 'gone'].map((what) => `port-interface-${what}`),
    );
    host.ports[0]!.wire!.transmit(new Uint8Array(60));
    expect(attachment.counters.framesOut).toBeGreaterThan(0);
    expect(attachment.counters.dropsOut).toBeGreaterThan(0);
  });

  it('that is not there is named, with the command that would make it', () => {
    expect(() => attachInterface(ours().ports[0]!, 'nowhere0', { events: () => {} })).toThrow('ip link add nowhere0 type veth');
  });
});

describeWithNamespaces('a tunnel', () => {
  for (const plain of [false, true])
    for (const [family, near, far] of [
      ['IPv4', '198.51.100.1', '198.51.100.2'],
      ['IPv6', '2001:db8:1::1', '2001:db8:1::2'],
    ] as const)
      it(`${plain ? 'of plain sockets' : 'in batches'} over ${family} exchanges with the kernel’s VXLAN device`, async () => {
        const host = ours({ mtuBytes: 1430 });
        const bits = family === 'IPv4' ? '24' : '64 nodad';
        // The kernel's end lives in one namespace, ours in another, with a cable between them.
        const home = makeNamespace();
        cleanUp.push(() => home.remove());
        home.run(`ip link add far type veth peer name near; ip link set far netns ${namespace.name}`);
        home.run(`ip addr add ${near}/${bits} dev near; ip link set near up`);
        namespace.run(`ip addr add ${far}/${bits} dev far; ip link set far up`);
        namespace.run(`ip link add vxlan42 type vxlan id 42 local ${far} remote ${near} dstport 4789`);
        const settings = {
          network: 42,
          local: { address: address(near), port: 4789 },
          remote: { address: address(far), port: 4789 },
          plain,
        };
        addressInterface('vxlan42', 'mtu 1430');
        const tunnel = plugged(
          await home.within(() => attachTunnel(host.ports[0]!, settings, { events: (event) => host.events.push(event) })),
        );
        home.run(`ping -n -c 1 -W 3 ${far}`);
        await expectGoodNeighbours(host, 'vxlan42', tunnel);
        expect(tunnel.counters).toMatchObject({ dropsOut: 0, malformed: 0, tooLong: 0 });
      });
});
