/** fabrics/rack.yaml in virtual time: hosts on an array over two switches, while cables are cut and lose frames. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MILLISECOND, SECOND } from '../../src/base/clock.ts';
import { below, type Rng, seededRng } from '../../src/base/rng.ts';
import { hostReport } from '../../src/device/host-report.ts';
import type { PingResult } from '../../src/inet/ping.ts';
import { NO_FAULTS } from '../../src/runtime/link-faults.ts';
import { address } from '../../src/wire/ip/address.ts';
import { read, write } from '../../src/wire/scsi/cdb.ts';
import { type VirtualFabric, virtualFabric } from './virtual-fabric.ts';

const RACK = readFileSync(new URL('../../fabrics/rack.yaml', import.meta.url), 'utf8');
const BLOCK_BYTES = 512;
const SLOT_BLOCKS = 64;
const SLOTS = 128;

const pathStates = (fabric: VirtualFabric, host: number): string[] =>
  hostReport(fabric.hosts[host]!).devices.flatMap(({ paths }) => paths.map(({ path, state }) => `${path} ${state}`));

const content = (version: number): Uint8Array => {
  const bytes = new Uint8Array(SLOT_BLOCKS * BLOCK_BYTES);
  new Uint32Array(bytes.buffer).forEach((_, index, words) => (words[index] = version * 2_654_435_761 + index));
  return bytes;
};

/** Writes and reads slots of a host's first disk, a few at a time, and knows what each must hold. */
class Load {
  readonly problems: string[] = [];
  done = 0;
  readonly #held = new Map<number, number>();
  readonly #busy = new Set<number>();
  readonly #fabric: VirtualFabric;
  readonly #rng: Rng;
  #version = 0;
  #left: number;

  constructor(fabric: VirtualFabric, commands: number, seed: number) {
    this.#fabric = fabric;
    this.#left = commands;
    this.#rng = seededRng(seed);
    for (let depth = 0; depth < 8; depth += 1) this.#next();
  }

  #next(): void {
    if (this.#left === 0) return;
    this.#left -= 1;
    let slot = below(this.#rng, SLOTS);
    while (this.#busy.has(slot)) slot = (slot + 1) % SLOTS;
    this.#busy.add(slot);
    const { unit } = this.#fabric.device('esx1', 0);
    const held = this.#held.get(slot);
    const [cdb, version] =
      held === undefined || below(this.#rng, 2) === 0
        ? [write(slot * SLOT_BLOCKS, SLOT_BLOCKS), (this.#version += 1)]
        : [read(slot * SLOT_BLOCKS, SLOT_BLOCKS), undefined];
    const command = version === undefined ? { cdb, dataInBytes: SLOT_BLOCKS * BLOCK_BYTES } : { cdb, dataOut: [content(version)] };
    unit.submit({ ...command, attentionRetries: 16 }, (answer, failure) => {
      this.done += 1;
      this.#busy.delete(slot);
      if (failure !== undefined || answer!.status !== 0)
        this.problems.push(`slot ${slot}: ${failure?.reason ?? `status ${answer!.status} ${answer!.error?.message ?? ''}`}`);
      else if (version !== undefined) this.#held.set(slot, version);
      else if (Buffer.compare(answer!.data, content(held!)) !== 0) this.problems.push(`slot ${slot} reads as something else`);
      this.#next();
    });
  }
}

/** Everything worth telling of a run with a bad cable. */
function badRun(seed: number): readonly string[] {
  const fabric = virtualFabric(RACK.replace('[esx1:nic0, tor1:1]', '{ ends: [esx1:nic0, tor1:1], faults: { loss: 1% } }'), seed);
  fabric.run(3 * SECOND);
  const load = new Load(fabric, 300, 7);
  fabric.run(20 * SECOND);
  const { tcp } = fabric.machine('esx1');
  return [...fabric.log, `${load.done} done, ${load.problems.length} problems, ${JSON.stringify(tcp.counters)}`];
}

describe('fabrics/rack.yaml in virtual time', () => {
  it('logs both hosts in over both switches, with one of the two trunks quiet', () => {
    const fabric = virtualFabric(RACK, 1);
    fabric.run(3 * SECOND);
    for (const host of [0, 1])
      expect(pathStates(fabric, host)).toEqual([
        'vmhba64:C0:T0:L0 active',
        'vmhba64:C1:T0:L0 active',
        'vmhba64:C0:T0:L1 active',
        'vmhba64:C1:T0:L1 active',
      ]);
    const trunks = fabric.network.switches.flatMap(({ name, tree }) =>
      tree!
        .status()
        .ports.filter((port) => port.name.startsWith('4'))
        .map((port) => `${name}:${port.name} ${port.role} ${port.state}`),
    );
    expect(trunks).toEqual([
      'tor1:47 designated forwarding',
      'tor1:48 designated forwarding',
      'tor2:47 root forwarding',
      'tor2:48 alternate discarding',
    ]);
    expect(fabric.network.switches[0]!.lldp!.neighbors().map(({ port, system, remotePort }) => `${port} ${system}:${remotePort}`)).toEqual([
      '47 tor2:47',
      '48 tor2:48',
    ]);
  });

  it('answers pings in the time that the wire takes', () => {
    const fabric = virtualFabric(RACK, 1);
    fabric.run(3 * SECOND);
    const results: PingResult[] = [];
    const ping = (to: string): void => {
      fabric.machine('esx1').pinger.ping(address(to), { dataBytes: 56 }, (result) => results.push(result));
      fabric.run(SECOND);
    };
    for (const to of ['192.0.2.20', '192.0.2.20', '198.51.100.1']) ping(to);
    expect(results).toMatchObject([{ kind: 'reply', intact: true }, { kind: 'reply', intact: true }, { kind: 'no-route' }]);
    // 98 bytes, with preamble and check sequence 110, take 35.2 ns at 25 Gb/s; over two links and back, with 15 ns of cable each. Each hop rounds up.
    const nanos = results.map((result) => (result.kind === 'reply' ? result.nanos : 0))[1]!;
    expect(nanos).toBeGreaterThanOrEqual(4 * (35.2 + 15));
    expect(nanos).toBeLessThanOrEqual(4 * (36 + 15));
  });

  it('does the same with the same seed, and something else with another', () => {
    const first = badRun(5);
    expect(badRun(5)).toEqual(first);
    expect(badRun(6)).not.toEqual(first);
    expect(first.at(-1)).toContain('300 done, 0 problems');
  });

  it('goes on over the other switch when a cable is cut, and comes back when it is mended', () => {
    const fabric = virtualFabric(RACK, 1);
    fabric.run(3 * SECOND);
    const load = new Load(fabric, 4000, 1);
    fabric.run(20 * MILLISECOND);
    fabric.link('esx1:nic0').link.setUp(false);
    fabric.run(40 * SECOND);
    expect(pathStates(fabric, 0).filter((path) => path.includes('C0'))).not.toContain('vmhba64:C0:T0:L0 active');
    fabric.link('esx1:nic0').link.setUp(true);
    fabric.run(60 * SECOND);
    expect([load.done, load.problems]).toEqual([4000, []]);
    expect(pathStates(fabric, 0).every((path) => path.endsWith('active'))).toBe(true);
  });

  it('loses no data on a trunk that loses, doubles, reorders and spoils frames', () => {
    // The array has one leg, behind the other switch, so that everything crosses the trunk.
    const far = RACK.replace('1-3: { vlan: 10 }', '1-3: { vlan: 20 }')
      .replace('[array1:eth0, tor1:3]', '[array1:eth0, tor2:4]')
      // What spoils frames behind their check sequence, TCP's 16 bits don't always find: digests do.
      .replaceAll('discovery: [array1/left, array1/right]', '$&\n        settings: { headerDigest: [crc32c], dataDigest: [crc32c] }')
      .replace('1-3: { vlan: 20 }\n      47-48', '1-3: { vlan: 20 }\n      4: { vlan: 20 }\n      47-48');
    const fabric = virtualFabric(far, 3);
    fabric.run(3 * SECOND);
    for (const end of ['tor1:47', 'tor1:48'])
      fabric
        .link(end)
        .link.setFaults({ ...NO_FAULTS, loss: 0.02, duplication: 0.02, reordering: 0.02, corruption: 0.01, reorderingNanos: MILLISECOND });
    const load = new Load(fabric, 1000, 3);
    fabric.run(200 * SECOND);
    expect([load.done, load.problems]).toEqual([1000, []]);
    expect(fabric.machine('esx1').tcp.counters.retransmittedSegments).toBeGreaterThan(0);
  });
});
