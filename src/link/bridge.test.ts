import { describe, expect, it } from 'vitest';
import { SECOND } from '../base/clock.ts';
import type { FabricEvent } from '../base/event.ts';
import type { Wire } from '../base/port.ts';
import { VirtualClock } from '../runtime/virtual-clock.ts';
import { decodeEthernet, popTag, pushTag, putEthernet, tagControlOf } from '../wire/ethernet/frame.ts';
import { BROADCAST_MAC } from '../wire/ethernet/mac.ts';
import { Bridge, type BridgePortSettings } from './bridge.ts';
import { ALL_VLANS, type PortVlanSettings } from './port-vlans.ts';

const A = 0x0200_0000_0a01;
const B = 0x0200_0000_0b02;
const C = 0x0200_0000_0c03;

function frame(destination: number, source: number, mark = 0, bytes = 60): Uint8Array {
  const out = new Uint8Array(bytes).fill(mark, 14);
  putEthernet(out, 0, destination, source, 0x0800);
  return out;
}

const tagged = (bytes: Uint8Array, vlan: number, priority = 0): Uint8Array => pushTag(bytes, tagControlOf(vlan, priority));

interface Bench {
  readonly clock: VirtualClock;
  readonly bridge: Bridge;
  readonly events: FabricEvent[];
  /** Hands a frame in; gives back what came out where: port index, VLAN of its tag or none. */
  send(port: number, bytes: Uint8Array): { readonly port: number; readonly bytes: Uint8Array }[];
}

function bench(vlans: readonly PortVlanSettings[], more: Partial<BridgePortSettings> = {}, addressesMax = 1000): Bench {
  const clock = new VirtualClock();
  const events: FabricEvent[] = [];
  const ports = vlans.map((one, index) => ({ name: `${index + 1}`, vlans: one, frameBytesMax: 1514, defaultPriority: 0, ...more }));
  const settings = { name: 'tor1', ports, addressesMax, ageingNanos: 300 * SECOND };
  const bridge = new Bridge(settings, { clock, events: (event) => events.push(event) });
  let out: { readonly port: number; readonly bytes: Uint8Array }[] = [];
  for (const [index, port] of bridge.ports.entries()) {
    const wire: Wire = { rateBitsPerSecond: 1e9, carrier: true, transmit: (bytes) => out.push({ port: index, bytes }) };
    port.wire = wire;
  }
  return {
    clock,
    bridge,
    events,
    send(port, bytes) {
      out = [];
      bridge.ports[port]!.handleFrame(bytes);
      return out;
    },
  };
}

const access = (vlan: number): PortVlanSettings => ({ mode: 'access', vlan });
const trunk = (native: number, ...allowed: number[]): PortVlanSettings => ({
  mode: 'trunk',
  native,
  allowed: allowed.length === 0 ? ALL_VLANS : allowed.map((vlan) => ({ first: vlan, last: vlan })),
});
const where = (out: readonly { readonly port: number }[]): number[] => out.map(({ port }) => port);

describe('Bridge', () => {
  it('floods what it does not know, learns, and then sends to one port', () => {
    const { send, bridge } = bench([access(10), access(10), access(10)]);
    expect(where(send(0, frame(B, A)))).toEqual([1, 2]);
    expect(where(send(1, frame(A, B)))).toEqual([0]);
    expect(where(send(0, frame(B, A)))).toEqual([1]);
    expect(where(send(0, frame(BROADCAST_MAC, A)))).toEqual([1, 2]);
    // Its destination lives where it came from.
    expect(where(send(0, frame(A, C)))).toEqual([]);
    expect(bridge.addresses().map(({ mac, port }) => [mac, port])).toEqual(
      expect.arrayContaining([
        [A, 0],
        [B, 1],
        [C, 0],
      ]),
    );
    expect(bridge.ports[0]!.counters).toMatchObject({ ifInUcastPkts: 3, ifInBroadcastPkts: 1, ifInOctets: 240, ifOutUcastPkts: 1 });
  });

  it('follows an address that moves, and forgets one that is silent', () => {
    const { send, clock } = bench([access(1), access(1), access(1)]);
    send(0, frame(C, A));
    expect(where(send(2, frame(A, C)))).toEqual([0]);
    send(1, frame(C, A));
    expect(where(send(2, frame(A, C)))).toEqual([1]);
    clock.run(301 * SECOND);
    expect(where(send(2, frame(A, C)))).toEqual([0, 1]);
  });

  it('keeps VLANs apart, also for the same address', () => {
    const { send } = bench([access(10), access(20), access(10), access(20)]);
    expect(where(send(0, frame(BROADCAST_MAC, A)))).toEqual([2]);
    expect(where(send(1, frame(BROADCAST_MAC, A)))).toEqual([3]);
    expect(where(send(2, frame(A, B)))).toEqual([0]);
    expect(where(send(3, frame(A, B)))).toEqual([1]);
  });

  it('tags on trunks, but not in the native VLAN, and only where allowed', () => {
    const { send } = bench([access(10), access(20), trunk(20), trunk(1, 10)]);
    const [onTrunk, ...rest] = send(0, frame(BROADCAST_MAC, A));
    expect([onTrunk!.port, where(rest)]).toEqual([2, [3]]);
    expect(decodeEthernet(onTrunk!.bytes).tags).toMatchObject([{ vlan: 10, priority: 0 }]);
    expect(popTag(onTrunk!.bytes)).toEqual(frame(BROADCAST_MAC, A));
    const native = send(1, frame(BROADCAST_MAC, B));
    expect([where(native), native[0]!.bytes]).toEqual([[2], frame(BROADCAST_MAC, B)]);
    // From the trunk to an access port the tag goes.
    expect(send(2, tagged(frame(A, C), 10))).toEqual([{ port: 0, bytes: frame(A, C) }]);
    expect(where(send(3, tagged(frame(BROADCAST_MAC, C), 20)))).toEqual([]);
  });

  it('sorts priority tags into the VLAN of the port, and keeps the priority', () => {
    const { send } = bench([access(10), trunk(1)]);
    const out = send(0, tagged(frame(BROADCAST_MAC, A), 0, 5));
    expect(decodeEthernet(out[0]!.bytes).tags).toMatchObject([{ vlan: 10, priority: 5 }]);
  });

  it('drops tags at access ports, frames without a tag where there is no native VLAN, and giants', () => {
    const { send, bridge } = bench([access(10), trunk(0), access(10)]);
    expect(send(0, tagged(frame(BROADCAST_MAC, A), 10))).toEqual([]);
    expect(send(1, frame(BROADCAST_MAC, B))).toEqual([]);
    expect(send(0, frame(BROADCAST_MAC, A, 0, 1515))).toEqual([]);
    expect(send(0, new Uint8Array(13))).toEqual([]);
    expect(bridge.ports[0]!.counters).toMatchObject({
      dot1qPortVlanStatisticsInDiscards: 1,
      dot3StatsFrameTooLongs: 1,
      ifInErrors: 1,
      ifInDiscards: 1,
    });
    expect(bridge.ports[1]!.counters.dot1qPortVlanStatisticsInDiscards).toBe(1);
    expect(where(send(0, frame(BROADCAST_MAC, A, 0, 1514)))).toEqual([1, 2]);
    // 1514 bytes and a tag are no giant.
    expect(where(send(1, tagged(frame(BROADCAST_MAC, B, 0, 1514), 10)))).toEqual([0, 2]);
  });

  it('has ports with lists of tagged and untagged VLANs', () => {
    const listed: PortVlanSettings = { mode: 'listed', untagged: [10, 20], tagged: [{ first: 30, last: 31 }], untaggedVlan: 20 };
    const { send } = bench([listed, access(10), access(20), access(30)]);
    expect(send(1, frame(BROADCAST_MAC, A))[0]!.bytes).toEqual(frame(BROADCAST_MAC, A));
    expect(where(send(0, frame(BROADCAST_MAC, B)))).toEqual([2]);
    expect(where(send(0, tagged(frame(BROADCAST_MAC, B), 30)))).toEqual([3]);
    expect(decodeEthernet(send(3, frame(BROADCAST_MAC, C))[0]!.bytes).tags).toMatchObject([{ vlan: 30 }]);
  });

  it('keeps to itself what is for bridges (01-80-C2-00-00-0X), and asks those who handle it', () => {
    const { send, bridge } = bench([access(1), access(1)]);
    expect(send(0, frame(0x0180_c200_000e, A))).toEqual([]);
    expect(bridge.ports[0]!.counters.ifInDiscards).toBe(1);
    const seen: string[] = [];
    bridge.addLocalHandler((port, bytes) => seen.push(`${port.name} ${bytes.length}`) > 0);
    send(1, frame(0x0180_c200_0000, B));
    expect(seen).toEqual(['2 60']);
    expect(where(send(0, frame(0x0180_c200_0010, A)))).toEqual([1]);
  });

  it('blocks and learns as spanning tree says', () => {
    const { send, bridge } = bench([access(1), access(1), access(1)]);
    bridge.ports[1]!.setRole('discarding');
    expect(where(send(0, frame(BROADCAST_MAC, A)))).toEqual([2]);
    expect([send(1, frame(A, B)), bridge.addresses().length]).toEqual([[], 1]);
    bridge.ports[1]!.setRole('learning');
    expect([send(1, frame(A, B)), bridge.addresses().length]).toEqual([[], 2]);
    expect(bridge.ports[1]!.counters.blockedDiscards).toBe(2);
    bridge.ports[1]!.setRole('forwarding');
    expect(where(send(1, frame(A, B)))).toEqual([0]);
  });

  it('holds storms to their limits, and nothing else', () => {
    const { send, bridge, clock, events } = bench([access(1), access(1)], { storm: { broadcast: 100 } });
    let passed = 0;
    for (let count = 0; count < 1000; count += 1) passed += send(0, frame(BROADCAST_MAC, A)).length;
    expect([passed, bridge.ports[0]!.counters.stormDiscards]).toEqual([10, 990]);
    const told = 'more broadcasts come in at port 1 than the 100 a second that are let through; the others are dropped';
    expect(events.map(({ message }) => message)).toEqual([told]);
    expect(where(send(0, frame(B, A)))).toEqual([1]);
    clock.run(SECOND);
    expect(where(send(0, frame(BROADCAST_MAC, A)))).toEqual([1]);
  });

  it('keeps its table within bounds under a flood of addresses: those it knows go on, and one event says so', () => {
    const { send, bridge, events, clock } = bench([access(1), access(1), access(1)], {}, 100);
    send(1, frame(A, B));
    for (let count = 0; count < 10_000; count += 1) send(0, frame(A, 0x0600_0000_0000 + count));
    expect([bridge.addresses().length, events.map(({ name }) => name)]).toEqual([100, ['bridge-mac-table-full']]);
    expect(bridge.ports[0]!.counters.learnRefusals).toBe(10_000 - 99);
    expect(where(send(2, frame(B, C)))).toEqual([1]);
    // With time the flood's addresses age, those that speak stay.
    clock.run(200 * SECOND);
    send(1, frame(A, B));
    clock.run(301 * SECOND);
    send(2, frame(B, C));
    expect(bridge.addresses().map(({ mac }) => mac)).toEqual(expect.arrayContaining([B, C]));
    expect(bridge.addresses()).toHaveLength(2);
  });

  it('forgets a port that lost its carrier', () => {
    const { send, bridge } = bench([access(1), access(1), access(1)]);
    send(0, frame(C, A));
    const changes: string[] = [];
    bridge.onCarrier((port, up) => changes.push(`${port.name} ${up}`));
    bridge.ports[0]!.handleCarrier(false);
    expect([where(send(1, frame(A, B))), changes]).toEqual([[0, 2], ['1 false']]);
  });
});
