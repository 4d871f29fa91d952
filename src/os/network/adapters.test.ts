/** What network adapters have to tell while a fabric is up: each event is provoked by a fabric that has its cause, and by no other. */
import { afterEach, describe, expect, it } from 'vitest';
import type { FabricEvent } from '../../base/event.ts';
import { checkText } from '../../check/check-fabric.ts';
import { machineReport } from '../../device/network-report.ts';
import { planNetwork } from '../../fabric/network/plan.ts';
import { startNetwork } from './network-runner.ts';
import type { RunningNetwork } from './running-network.ts';

interface Started {
  readonly network: RunningNetwork;
  readonly problems: readonly string[];
  readonly all: readonly FabricEvent[];
  /** Of adapters, since the last call. */
  news(): string[];
}

const running: RunningNetwork[] = [];
afterEach(async () => {
  for (const network of running.splice(0)) await network.stop();
});

/** A host with two ports at a switch, in an adapter of these keys. */
async function started(adapter: string, ports: readonly [string, string] = ['', ''], os = 'windows'): Promise<Started> {
  const nics = ports.map(
    (settings, index) =>
      `nic${index}: { addresses: [${['192.0.2.10', '198.51.100.10'][index]}/24]${settings === '' ? '' : `, ${settings}`} }`,
  );
  const text = `version: 1
name: adapters
switches: { tor1: { ports: { 1-2: { vlan: 10 } } } }
hosts:
  host1:
    os: ${os}
    adapters: { slot1: { ${adapter}, ports: [nic0, nic1] } }
    nics: { ${nics.join(', ')} }
links: [[host1:nic0, tor1:1], [host1:nic1, tor1:2]]
`;
  const { fabric, problems } = checkText(text, 'fabric.yaml');
  if (fabric === undefined) throw new Error(problems.map(({ message }) => message).join('\n'));
  const events: FabricEvent[] = [];
  const network = await startNetwork(planNetwork(fabric, '')!, { events: (event) => events.push(event) });
  running.push(network);
  let read = 0;
  const news = (): string[] => {
    const fresh = events.slice(read);
    read = events.length;
    return fresh.filter(({ source }) => source === 'host1/slot1').map(({ id, message }) => `${id} ${message}`);
  };
  return { network, problems: problems.map(({ rule }) => rule), all: events, news };
}

const CONNECTX = 'model: mellanox-connectx-en';
const NAME = 'slot1 (ConnectX EN 10GbE)';
const carriers = ({ network }: Started): boolean[] => network.network.machines[0]!.nics.map(({ wire }) => wire?.carrier === true);

describe('a network adapter', () => {
  it('is initialised, has its links, loses one, and is stopped', async () => {
    const one = await started(`${CONNECTX}, firmware: 2.9.1000`, ['mac: "02:00:00:00:00:01"', 'mac: "02:00:00:00:00:02"']);
    expect(one.news()).toEqual([
      `2410 ${NAME} is initialised: nic0 has the address 02:00:00:00:00:01, nic1 has the address 02:00:00:00:00:02`,
      '2414 the link of nic0, a port of slot1, is up',
      '2414 the link of nic1, a port of slot1, is up',
    ]);
    expect(carriers(one)).toEqual([true, true]);
    one.network.setLink({ node: 'tor1', port: '2' }, false);
    expect(one.news()).toEqual(['2415 the link of nic1, a port of slot1, is down']);
    one.network.setLink({ node: 'tor1', port: '2' }, true);
    expect(one.news()).toEqual(['2414 the link of nic1, a port of slot1, is up']);
    await one.network.stop();
    expect(one.news()).toEqual([`2411 ${NAME} is stopped`]);
  });

  it('does not come up with firmware older than its driver needs: no port has a carrier, whoever mends the link', async () => {
    const one = await started(`${CONNECTX}, firmware: 2.5.699`);
    expect(one.problems).toEqual(['SW-1234']);
    expect(one.news()).toEqual([
      `2416 ${NAME} is not initialised: its firmware 2.5.699 is older than 2.5.700 of fw-25408, which its driver needs`,
    ]);
    expect(carriers(one)).toEqual([false, false]);
    expect(machineReport(one.network.network.machines[0]!).adapters).toEqual([
      { adapter: 'slot1', model: 'ConnectX EN 10GbE', state: 'failed', ports: ['nic0', 'nic1'] },
    ]);
    expect(one.network.network.switches[0]!.bridge.ports.map(({ wire }) => wire?.carrier)).toEqual([false, false]);
    one.network.setLink({ node: 'host1', port: 'nic0' }, true);
    expect(carriers(one)).toEqual([false, false]);
    expect(await one.network.resetAdapter('host1', 'slot1')).toBe(false);
    await one.network.stop();
    expect(one.news()).toEqual([`2413 ${NAME} can't be reset: its driver is not running`]);
  });

  it('comes up where nothing is known of the driver, or the firmware is not said', async () => {
    for (const [adapter, os] of [
      [`${CONNECTX}, firmware: 2.5.699`, 'linux'],
      [CONNECTX, 'windows'],
      ['model: generic, firmware: 0.0.1', 'windows'],
    ] as const) {
      const one = await started(adapter, ['', ''], os);
      expect([one.problems, carriers(one)]).toEqual([[], [true, true]]);
    }
  });

  it('tells of ports that scale differently', async () => {
    const [on, off] = ['offloads: { receiveScaling: true }', 'offloads: { receiveScaling: false }'] as const;
    const differs = await started(CONNECTX, [off, on]);
    expect(differs.problems).toEqual(['SW-1192']);
    expect(differs.news()[1]).toBe('2417 the ports of slot1 are set differently: receive side scaling is on at nic1 and off at nic0');
    expect(carriers(differs)).toEqual([true, true]);
    for (const ports of [
      [on, on],
      [on, ''],
    ] as const)
      expect((await started(CONNECTX, ports)).news().join()).not.toContain('2417');
  });

  it('tells of vectors that are too few for its queues', async () => {
    const queues = ['offloads: { receiveQueues: 8 }', 'offloads: { receiveQueues: 4 }'] as const;
    const few = await started(`${CONNECTX}, vectors: 12`, queues);
    expect(few.problems).toEqual(['SW-1235']);
    expect(few.news()[1]).toBe(
      `2418 ${NAME} has 12 interrupt vectors (MSI-X), and its driver wants 13: the ports work without, and are slower`,
    );
    const enough = await started(`${CONNECTX}, vectors: 13`, queues);
    expect([enough.problems, enough.news().join().includes('2418')]).toEqual([[], false]);
  });

  it('is reset: its links go and come, and those that were cut stay cut', async () => {
    const one = await started(CONNECTX);
    one.network.setLink({ node: 'tor1', port: '2' }, false);
    one.news();
    const reset = one.network.resetAdapter('host1', 'slot1')!;
    expect(carriers(one)).toEqual([false, false]);
    expect(one.network.links()[0]!.up).toBe(false);
    expect(await one.network.resetAdapter('host1', 'slot1')).toBe(false);
    expect(await reset).toBe(true);
    expect(carriers(one)).toEqual([true, false]);
    expect(one.news()).toEqual([
      `2412 ${NAME} is reset: nic0, nic1 lose their links for a moment`,
      '2415 the link of nic0, a port of slot1, is down',
      `2413 ${NAME} can't be reset: it is being reset already`,
      '2414 the link of nic0, a port of slot1, is up',
    ]);
    expect(one.network.resetAdapter('host1', 'slot9')).toBeUndefined();
    const last = one.network.resetAdapter('host1', 'slot1')!;
    await one.network.stop();
    expect(await last).toBe(false);
  });
});
