/** `samewire network` at a fabric that is up. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testContext } from '../testing/test-context.ts';
import type { PingAnswer } from '../../server/api/network.ts';
import { setDelay, setFaults, setLink } from './links.ts';
import { ping, trace } from './ping.ts';
import { show } from './show.ts';
import { type RunningRack, runningRack } from './testing/running-rack.ts';

let rack: RunningRack;
beforeAll(async () => {
  rack = await runningRack();
});
afterAll(async () => {
  expect(await rack.stop()).toBe(0);
});

const PING = { count: 1, size: 56, wait: 5 };

async function said(run: Promise<number>, code = 0): Promise<string> {
  rack.said();
  expect(await run).toBe(code);
  return rack.said();
}

/** What time and chance decide. */
const steady = (text: string): string =>
  text
    .replaceAll(/[\d.]+\/[\d.]+\/[\d.]+ ms/g, 'T/T/T ms')
    .replaceAll(/\d+\.\d+ ms/g, 'T ms')
    .replaceAll(/time \d+ ms/g, 'time T ms');

const from = (host: string, to: string, size = 56): Promise<number> => ping('rack.yaml', host, to, { ...PING, size }, rack.context);
const cut = (port: string): Promise<number> => setLink('rack.yaml', port, false, {}, rack.context);

it('is what `up` suggests to try', () => {
  expect(rack.context.written()).toContain(`  samewire network show rack.yaml
  samewire capture rack.yaml esx3:nic0 | wireshark -k -i -
`);
});

describe('samewire network ping', () => {
  it('tells it as ping(8) does', async () => {
    expect(steady(await said(ping('rack.yaml', 'esx1', 'esx2', PING, rack.context)))).toBe(`PING esx2 (192.0.2.12) from esx1: 56 data bytes
64 bytes from 192.0.2.12: icmp_seq=1 ttl=64 time=T ms

--- 192.0.2.12 ping statistics ---
1 packet transmitted, 1 received, 0% packet loss, time T ms
rtt min/avg/max = T/T/T ms
`);
  });

  it('fails where nothing comes back, and says why where somebody knows', async () => {
    const text = await said(ping('rack.yaml', 'esx1', '192.0.2.99', { ...PING, wait: 0.01 }, rack.context), 1);
    expect(text).toContain('icmp_seq=1 no answer within 0.01 s\n');
    expect(text).toContain('1 packet transmitted, 0 received, 100% packet loss');
    const errors: PingAnswer['result'][] = [
      { kind: 'error', nanos: 1, from: '192.0.2.1', error: { kind: 'unreachable', code: 'host' } },
      { kind: 'error', nanos: 1, from: '192.0.2.1', error: { kind: 'too-big', mtuBytes: 1500 } },
      { kind: 'error', nanos: 1, from: '192.0.2.1', error: { kind: 'time-exceeded' } },
    ];
    const told = testContext();
    const context = { ...told, askControl: async () => ({ host: 'esx1', address: '192.0.2.98', result: errors.shift() }) };
    for (let round = 0; round < 3; round += 1) expect(await ping('rack.yaml', 'esx1', '192.0.2.98', PING, context)).toBe(1);
    expect(told.written().match(/^From .*$/gm)).toEqual([
      'From 192.0.2.1 icmp_seq=1 Destination Host Unreachable',
      'From 192.0.2.1 icmp_seq=1 Packet too big (MTU 1500)',
      'From 192.0.2.1 icmp_seq=1 Time to live exceeded',
    ]);
  });

  it('refuses what can not be', async () => {
    await expect(from('esx1', '203.0.113.1')).rejects.toThrow('esx1 has no route to 203.0.113.1.');
    await expect(from('esx1', '2001:db8::12')).rejects.toThrow('esx1 has no route to 2001:db8::12.');
    await expect(from('tor1', 'esx1')).rejects.toThrow('`tor1` is no host or array of the network; there are esx1, esx2, esx3.');
    await expect(from('esx1', 'esx9')).rejects.toThrow('`esx9` is no host or array');
    await expect(from('esx1', 'esx2', 70_000)).rejects.toThrow('`bytes` is a whole number from 0 to 65507.');
  });

  it('gives programs JSON lines', async () => {
    const lines = (await said(ping(undefined, 'esx1', '192.0.2.12', { ...PING, json: true }, rack.context))).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        event: 'ping',
        host: 'esx1',
        address: '192.0.2.12',
        sequence: 1,
        result: 'reply',
        from: '192.0.2.12',
        hopLimit: 64,
        intact: true,
        nanos: expect.any(Number),
      },
      {
        event: 'statistics',
        host: 'esx1',
        address: '192.0.2.12',
        sent: 1,
        received: 1,
        lossPercent: 0,
        roundTripNanos: { min: expect.any(Number), avg: expect.any(Number), max: expect.any(Number) },
      },
    ]);
  });
});

it('samewire network trace', async () => {
  const text = await said(trace('rack.yaml', 'esx1', 'esx2', { hops: 30, wait: 5 }, rack.context));
  expect(steady(text)).toBe(`traceroute to esx2 (192.0.2.12) from esx1, 30 hops max
 1  192.0.2.12  T ms  T ms  T ms
`);
  expect(await said(trace('rack.yaml', 'esx1', '192.0.2.97', { hops: 2, wait: 0.01 }, rack.context), 1)).toContain(' 2  *  *  *\n');
});

describe('samewire network show', () => {
  it('has a line for each port and link', async () => {
    const text = await said(show('rack.yaml', undefined, {}, rack.context));
    expect(text).toContain('esx2:nic0  up         25 Gb/s'.replace('25', '10'));
    expect(text).toMatch(/^esx2:nic0 {2}up .* 192\.0\.2\.12\/24, 2001:db8::12\/64, fe80::\S+\/64$/m);
    expect(text).toMatch(/^esx2:nic1 {2}unplugged {2}- /m);
    expect(text).toMatch(/^tor1 is the root of the spanning tree; /m);
    expect(text).toMatch(/^tor2: the root of the spanning tree is tor1, behind port 9 at cost \d+; /m);
    expect(text).toMatch(/^tor1:9 {2}up {5}10 Gb\/s {2}trunk 10, 20, native 1 {2}designated, /m);
    expect(text).toMatch(/^tor1:9 - tor2:9 {5}up .* loss 0\.5%$/m);
    // Nothing is plugged in there.
    expect(text).not.toContain('tor1:3');
  });

  it('has everything of one node', async () => {
    await ping('rack.yaml', 'esx1', 'esx2', PING, rack.context);
    const machine = await said(show('rack.yaml', 'esx1', {}, rack.context));
    expect(machine).toMatch(/^192\.0\.2\.12 {2,}02:[0-9a-f:]{14} {2}nic0 {7}reachable$/m);
    expect(machine).toMatch(/^192\.0\.2\.0\/24 {2}on the link {2}nic0 {7}0$/m);
    expect(machine).not.toContain('tor2');
    const one = await said(show('rack.yaml', 'tor1', {}, rack.context));
    expect(one).toMatch(/^9 {5}tor2 {12}02:[0-9a-f:]{14} {2}9$/m);
    expect(one).toMatch(/^ {2}10 {2}02:[0-9a-f:]{14} {2}1 {5}\d+ s ago$/m);
    expect(one.indexOf('\n3 ')).toBeLessThan(one.indexOf('\n9 '));
    await expect(show('rack.yaml', 'tor9', {}, rack.context)).rejects.toThrow(
      'There is no tor9 in the network of rack; there are esx1, esx2, esx3, tor1, tor2.',
    );
  });

  it('tells who has a lease, and who gave it', async () => {
    const leased = async (): Promise<string> => said(show('rack.yaml', 'esx3', {}, rack.context));
    while (!(await leased()).includes('leased')) await new Promise((resolve) => setImmediate(resolve));
    expect(await leased()).toMatch(/^esx3:nic0 {2}up .* 192\.0\.2\.10\d\/24 leased$/m);
    expect(await said(show('rack.yaml', 'esx2', {}, rack.context))).toMatch(/^192\.0\.2\.10\d {2}02:[0-9a-f:]{14} {2}nic0 {7}\d+ s$/m);
    // A node without a declared address is found by the one it was given.
    expect(await said(ping('rack.yaml', 'esx1', 'esx3', PING, rack.context))).toContain('PING esx3 (192.0.2.10');
  });

  it('gives programs one JSON object, with counters by their names in the standards', async () => {
    const text = await said(show('rack.yaml', 'tor1', { json: true }, rack.context));
    const answer = JSON.parse(text) as {
      machines: unknown[];
      switches: { ports: { port: string; counters: Record<string, number> }[] }[];
      links: unknown[];
    };
    expect([answer.machines.length, answer.switches.length, answer.links.length]).toEqual([0, 1, 4]);
    const port = answer.switches[0]!.ports.find((one) => one.port === '1')!;
    expect(port.counters['ifInUcastPkts']).toBeGreaterThan(0);
    expect(port.counters).toHaveProperty('dot3StatsFrameTooLongs', 0);
  });

  it('says so where the fabric is not up', async () => {
    await expect(show('other.yaml', undefined, {}, rack.context)).rejects.toThrow(
      'other.yaml is not up, or not as this user. Bring it up with: samewire up other.yaml',
    );
    const nothing = { ...testContext(), askControl: () => Promise.reject(new Error('No fabric is up.')) };
    await expect(show(undefined, undefined, {}, nothing)).rejects.toThrow('No fabric is up.');
  });
});

describe('samewire network delay', () => {
  it('sets how long a link takes, in both directions', async () => {
    const delay = (time: string): Promise<string> => said(setDelay('rack.yaml', 'esx1:nic0', time, {}, rack.context));
    const place = { node: 'esx1', port: 'nic0' };
    const nanos = (): number => rack.network.links().find(({ ends }) => ends.some(({ node }) => node === place.node))!.delayNanos;
    const before = nanos();
    expect(await delay('5ms')).toBe('The link esx1:nic0 - tor1:1 takes 5.000 ms, each way.\n');
    expect(nanos()).toBe(5_000_000);
    const [reply] = (await said(ping('rack.yaml', 'esx1', 'esx2', { ...PING, json: true }, rack.context))).split('\n');
    // There and back.
    expect(JSON.parse(reply!)).toMatchObject({
      result: 'reply',
      nanos: expect.toSatisfy((nanosTaken: number) => nanosTaken >= 10_000_000),
    });
    expect(await delay(`${before}ns`)).toBe(`The link esx1:nic0 - tor1:1 takes ${(before / 1e6).toFixed(6)} ms, each way.\n`);
    await expect(delay('11s')).rejects.toThrow('`11s` is too long. The most is `10s`.');
    await expect(delay('soon')).rejects.toThrow('`soon` is not a length of time.');
  });
});

describe('samewire network cut, mend and fault', () => {
  it('cuts a cable and plugs it in again', async () => {
    expect(await said(setLink('rack.yaml', 'esx1:nic0', false, {}, rack.context))).toBe('The link esx1:nic0 - tor1:1 is down.\n');
    await ping('rack.yaml', 'esx1', 'esx2', { ...PING, wait: 0.01 }, rack.context);
    const text = await said(show('rack.yaml', 'esx1', {}, rack.context));
    expect(text).toMatch(/^esx1:nic0 - tor1:1 {2}down /m);
    expect(text).toMatch(/^esx1:nic0 {2}down /m);
    expect(await said(setLink('rack.yaml', 'tor1:1', true, {}, rack.context))).toBe('The link esx1:nic0 - tor1:1 is up.\n');
    expect(await ping('rack.yaml', 'esx1', 'esx2', PING, rack.context)).toBe(0);
  });

  it('replaces what goes wrong on a link', async () => {
    const fault = (options: Parameters<typeof setFaults>[2]): Promise<string> =>
      said(setFaults('rack.yaml', 'esx1:nic0', options, rack.context));
    expect(await fault({ loss: 1, corruption: 0.001 })).toBe('The link esx1:nic0 - tor1:1 has loss 100%, corruption 0.1%, each way.\n');
    expect(await ping('rack.yaml', 'esx1', 'esx2', { ...PING, wait: 0.01 }, rack.context)).toBe(1);
    expect(await fault({ reordering: 0.5 })).toBe('The link esx1:nic0 - tor1:1 has reordering 50%, each way.\n');
    expect(await fault({ none: true })).toBe('The link esx1:nic0 - tor1:1 has no faults.\n');
    expect(await ping('rack.yaml', 'esx1', 'esx2', PING, rack.context)).toBe(0);
    await expect(fault({})).rejects.toThrow('It takes what shall go wrong');
    await expect(fault({ none: true, loss: 0.1 })).rejects.toThrow('It takes what shall go wrong');
  });

  it('says where there is no link', async () => {
    await expect(cut('tor1:3')).rejects.toThrow('Nothing is plugged into tor1:3.');
    await expect(cut('tor1:4')).rejects.toThrow('tor1 has no port 4; it has 1, 2, 3, 5, 9.');
    await expect(cut('tor3:1')).rejects.toThrow('There is no tor3 in the network; there are esx1, esx2, esx3, tor1, tor2.');
    await expect(cut('tor1')).rejects.toThrow('`tor1` is no port: write a node and its port');
  });
});
