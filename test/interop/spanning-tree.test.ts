/** A ring of our bridge, the kernel's bridge (spanning tree of 1998) and Open vSwitch's (rapid), with a machine at two of them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { concat } from '../../src/base/bytes.ts';
import type { FabricEvent } from '../../src/base/event.ts';
import { seededRng } from '../../src/base/rng.ts';
import { Bridge } from '../../src/link/bridge.ts';
import { addSpanningTree } from '../../src/link/spanning-tree/bridge-spanning-tree.ts';
import { defaultSpanningTreePortSettings, defaultSpanningTreeSettings } from '../../src/link/spanning-tree/settings.ts';
import type { SpanningTree } from '../../src/link/spanning-tree/spanning-tree.ts';
import type { Attachment } from '../../src/os/ports/attachment.ts';
import { attachInterface } from '../../src/os/ports/packet-socket.ts';
import { wallClock } from '../../src/os/wall-clock.ts';
import { Capture } from '../../src/runtime/capture.ts';
import { defaultLinkSettings, Link } from '../../src/runtime/link.ts';
import { TestPort } from '../../src/runtime/testing/test-port.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { decodeBpduFrame, encodeBpduFrame } from '../../src/wire/ethernet/bpdu.ts';
import { ALL_BPDUS } from '../../src/wire/ethernet/testing/golden-bpdu.ts';
import { describeWithNamespaces, makeNamespace, type Namespace } from './namespaces.ts';
import { startOpenVSwitch } from './open-vswitch.ts';
import { describeWithPeers } from './peers.ts';
import { runPeer } from './run-peer.ts';

const cleanUp: (() => void | Promise<void>)[] = [];
let network: Namespace;
/** Where the machine at our bridge lives, and the one at the kernel's. */
let here: Namespace;
let there: Namespace;

function namespace(): Namespace {
  const made = makeNamespace();
  cleanUp.push(() => made.remove());
  made.run('sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 net.ipv4.icmp_echo_ignore_broadcasts=1');
  return made;
}

beforeEach(() => {
  [network, here, there] = [namespace(), namespace(), namespace()];
});

afterEach(async () => {
  for (const action of cleanUp.splice(0).toReversed()) await action();
});

interface Ours {
  readonly bridge: Bridge;
  readonly tree: SpanningTree;
  readonly events: FabricEvent[];
  readonly attachments: readonly Attachment[];
}

/** Our bridge on these interfaces of the network; the first one has a machine behind it. */
function ours(interfaces: readonly string[], priority: number): Ours {
  const clock = wallClock();
  const events: FabricEvent[] = [];
  const services = { clock, events: (event: FabricEvent) => void events.push(event) };
  const common = { vlans: { mode: 'access', vlan: 1 }, frameBytesMax: 1514, defaultPriority: 0 } as const;
  const ports = interfaces.map((name) => ({ name, ...common }));
  const bridge = new Bridge({ name: 'ours', ports, addressesMax: 1000, ageingNanos: 300e9 }, services);
  const address = 0x0200_5e00_1000;
  const tree = addSpanningTree(
    bridge,
    {
      ...defaultSpanningTreeSettings,
      name: 'ours',
      address,
      priority,
      ports: interfaces.map((name, index) => ({
        ...defaultSpanningTreePortSettings,
        name,
        mac: address + 1 + index,
        edge: index === 0,
      })),
    },
    services,
  );
  cleanUp.push(() => tree.stop());
  const attachments = interfaces.map((name, index) => network.within(() => attachInterface(bridge.ports[index]!, name, services)));
  for (const attachment of attachments) cleanUp.push(() => attachment.close());
  return { bridge, tree, events, attachments };
}

function pair(one: string, other: string): void {
  network.run(`ip link add ${one} type veth peer name ${other}; ip link set ${one} up; ip link set ${other} up`);
}

/** A machine with an address, behind the interface that is left over of the pair. */
function machine(at: Namespace, left: string, name: string, address: string): void {
  pair(left, name);
  network.run(`ip link set ${name} netns ${at.name}`);
  at.run(`ip addr add ${address}/24 brd + dev ${name}; ip link set ${name} up`);
}

async function until(what: string, condition: () => boolean | Promise<boolean>, detail = (): string => ''): Promise<void> {
  for (let tries = 0; !(await condition()); tries += 1) {
    if (tries === 150) throw new Error(`it did not come to this: ${what}\n${detail()}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const ping = async (): Promise<boolean> =>
  (await runPeer('ip', ['netns', 'exec', here.name, 'ping', '-n', '-c', '1', '-W', '1', '192.0.2.2'])).code === 0;

const received = (): number => Number(there.run('cat /sys/class/net/m1/statistics/rx_packets'));

/** Broadcasts from here, and how many frames came there meanwhile: each once, and a few of the spanning tree. */
async function broadcastsArrive(): Promise<void> {
  const before = received();
  await runPeer('ip', ['netns', 'exec', here.name, 'ping', '-n', '-b', '-c', '20', '-i', '0.05', '-W', '1', '192.0.2.255']);
  const frames = received() - before;
  expect(frames).toBeGreaterThanOrEqual(20);
  expect(frames).toBeLessThan(40);
}

const roles = ({ tree }: Ours): Record<string, string> =>
  Object.fromEntries(tree.status().ports.map(({ name, role, state }) => [name, `${role} ${state}`]));

const kernelState = (name: string): string => network.run(`cat /sys/class/net/${name}/brport/state`).trim();
/** IEEE 802.1D-1998 §8.4 as Linux counts: 3 is forwarding, 4 is blocking. */
const [KERNEL_FORWARDING, KERNEL_BLOCKING] = ['3', '4'];

describeWithNamespaces('a ring with the kernel', () => {
  it('is opened at the port that the tree says, by us and by the kernel; it does not storm, and heals', { timeout: 120_000 }, async () => {
    // Two cables to the kernel's bridge, which is root: the second of ours is the one too many.
    network.run('ip link add br0 type bridge stp_state 1 forward_delay 400 hello_time 100 max_age 600 priority 4096; ip link set br0 up');
    machine(here, 'h0', 'h1', '192.0.2.1');
    machine(there, 'm0', 'm1', '192.0.2.2');
    pair('a0', 'a1');
    pair('b0', 'b1');
    for (const name of ['a1', 'b1', 'm0']) network.run(`ip link set ${name} master br0`);
    const our = ours(['h0', 'a0', 'b0'], 61_440);
    await until('the machines reach each other', ping);
    await until(
      'a root and an alternate port',
      () => roles(our)['a0'] === 'root forwarding' && roles(our)['b0'] === 'alternate discarding',
    );
    expect(our.tree.status()).toMatchObject({ rootPort: 'a0', root: { priority: 4096 } });
    await until('the old way of speaking', () => our.tree.status().ports[1]!.legacy);
    await broadcastsArrive();
    // The kernel hears of the cut by silence only, we by the carrier.
    our.attachments[1]!.close();
    await until('the machines reach each other by the other cable', ping);
    expect(roles(our)).toMatchObject({ a0: 'disabled discarding', b0: 'root forwarding' });
    await broadcastsArrive();
    expect(our.events.map(({ name }) => name)).toContain('spanning-tree-topology-change');
  });

  it('is opened by the kernel where we are root', { timeout: 120_000 }, async () => {
    network.run('ip link add br0 type bridge stp_state 1 forward_delay 400; ip link set br0 up');
    machine(here, 'h0', 'h1', '192.0.2.1');
    machine(there, 'm0', 'm1', '192.0.2.2');
    pair('a0', 'a1');
    pair('b0', 'b1');
    for (const name of ['a1', 'b1', 'm0']) network.run(`ip link set ${name} master br0`);
    const our = ours(['h0', 'a0', 'b0'], 4096);
    await until(
      'the kernel has one port of two forwarding',
      () => kernelState('a1') === KERNEL_FORWARDING && kernelState('b1') === KERNEL_BLOCKING,
    );
    expect(our.tree.status().rootPort).toBeUndefined();
    await until('the machines reach each other', ping);
    await broadcastsArrive();
  });

  describeWithPeers(['openVSwitch'], 'and Open vSwitch', () => {
    it('has all three agree, and heals when our cable to the root goes', { timeout: 120_000 }, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'samewire-ovs-'));
      cleanUp.push(() => rmSync(folder, { recursive: true, force: true }));
      const openVSwitch = await startOpenVSwitch(network, folder);
      cleanUp.push(() => openVSwitch.stop());
      network.run('ip link add br0 type bridge stp_state 1 forward_delay 400 hello_time 100 max_age 600 priority 4096; ip link set br0 up');
      machine(here, 'h0', 'h1', '192.0.2.1');
      machine(there, 'm0', 'm1', '192.0.2.2');
      pair('a0', 'a1');
      pair('b0', 'b1');
      pair('c0', 'c1');
      for (const name of ['a1', 'b1', 'm0']) network.run(`ip link set ${name} master br0`);
      openVSwitch.configure('add-br ov0 -- set bridge ov0 datapath_type=netdev rstp_enable=true -- add-port ov0 b0 -- add-port ov0 c1');
      const our = ours(['h0', 'a0', 'c0'], 61_440);
      await until('the machines reach each other', ping);
      await until('an alternate port of ours', () => roles(our)['a0'] === 'root forwarding' && roles(our)['c0'] === 'alternate discarding');
      const states = (): string => openVSwitch.rapidSpanningTree();
      const forwards = (): boolean => /b0 +Root +Forwarding/.test(states()) && /c1 +Designated +Forwarding/.test(states());
      await until('Open vSwitch forwards at both', forwards, states);
      expect(our.tree.status().ports.map(({ name, legacy }) => [name, legacy])).toContainEqual(['c0', false]);
      await broadcastsArrive();
      our.attachments[1]!.close();
      await until('the machines reach each other through Open vSwitch', ping);
      expect(roles(our)).toMatchObject({ c0: 'root forwarding' });
      await broadcastsArrive();
    });
  });
});

describeWithPeers(['tshark'], 'BPDUs of ours', () => {
  it('are read by tshark as they were meant', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'samewire-bpdu-'));
    try {
      const clock = new VirtualClock();
      const [one, other] = [new TestPort('a', clock), new TestPort('b', clock)];
      const link = new Link(one, other, defaultLinkSettings, { clock, rng: seededRng(1) });
      const blocks: Uint8Array[] = [];
      link.setTap(new Capture((bytes) => blocks.push(bytes) > 0, clock).tap(['a', 'b']));
      link.setUp(true);
      for (const { frame, source } of ALL_BPDUS) one.wire!.transmit(encodeBpduFrame(decodeBpduFrame(frame)!, source));
      clock.settle(1000);
      const file = join(folder, 'ours.pcapng');
      writeFileSync(file, concat(blocks));
      const fields = [
        'stp.version',
        'stp.flags',
        'stp.root.prio',
        'stp.root.cost',
        'stp.bridge.hw',
        'stp.port',
        'stp.msg_age',
        '_ws.malformed',
      ];
      const args = ['-r', file, '-T', 'fields', '-E', 'separator=|', ...fields.flatMap((field) => ['-e', field])];
      const { stdout } = await runPeer('tshark', args);
      expect(stdout.trim().split('\n')).toEqual([
        '0|0x00|32768|0|02:00:00:00:aa:01|0x8001|0|',
        '0|0x81|4096|0|02:00:00:00:bb:01|0x8001|0|',
        '0|||||||',
        '2|0x0e|8192|0|6e:e1:b4:74:bd:42|0x8001|0|',
        '2|0x79|8192|2000|02:46:15:e0:d1:49|0x8001|1|',
        '2|0x3c|8192|0|6e:e1:b4:74:bd:42|0x8001|0|',
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
