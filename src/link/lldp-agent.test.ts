import { expect, it } from 'vitest';
import { SECOND } from '../base/clock.ts';
import { VirtualClock } from '../runtime/virtual-clock.ts';
import { decodeEthernet } from '../wire/ethernet/frame.ts';
import { CAPABILITY_BRIDGE, decodeLldp } from '../wire/ethernet/lldp.ts';
import { NEAREST_BRIDGE_MAC } from '../wire/ethernet/mac.ts';
import * as golden from '../wire/ip/testing/golden.ts';
import { LldpAgent } from './lldp-agent.ts';

function bench() {
  const clock = new VirtualClock();
  const sent: { readonly at: number; readonly frame: Uint8Array }[] = [];
  const changes: string[] = [];
  const capabilities = { supported: CAPABILITY_BRIDGE, enabled: CAPABILITY_BRIDGE };
  const system = { chassis: 0x0200_0000_0001, name: 'tor1', description: 'a switch', capabilities, managementAddresses: [] };
  const agent = new LldpAgent(system, clock);
  agent.addPort({ name: '1', mac: 0x0200_0000_0011, send: (frame) => sent.push({ at: clock.now() / SECOND, frame }) });
  agent.onChange((port, neighbor) => changes.push(`${port}: ${neighbor === undefined ? 'gone' : (neighbor.system ?? neighbor.chassis)}`));
  return { clock, agent, sent, changes };
}

it('tells who we are: often at first, then every 30 s, and says goodbye', () => {
  const { clock, agent, sent } = bench();
  agent.handleCarrier('1', true);
  clock.run(95 * SECOND);
  expect(sent.map(({ at }) => at)).toEqual([0, 1, 2, 3, 4, 34, 64, 94]);
  const { destination, source, payloadAt } = decodeEthernet(sent[0]!.frame);
  expect([destination, source]).toEqual([NEAREST_BRIDGE_MAC, 0x0200_0000_0011]);
  expect(decodeLldp(sent[0]!.frame, payloadAt)).toMatchObject({ secondsToLive: 121, systemName: 'tor1', systemDescription: 'a switch' });
  agent.stop();
  expect(decodeLldp(sent.at(-1)!.frame, 14).secondsToLive).toBe(0);
  expect(clock.pending).toBe(0);
});

it('remembers what lldpd says, answers soon, and forgets it in time, or with the link', () => {
  const { clock, agent, sent, changes } = bench();
  agent.handleCarrier('1', true);
  clock.run(20 * SECOND);
  const before = sent.length;
  agent.handleFrame('1', golden.lldp.frame);
  expect(agent.neighbors()).toMatchObject([{ port: '1', system: 'vm', chassis: '02:00:00:00:0b:02', remotePort: '02:00:00:00:0b:02' }]);
  clock.run(22 * SECOND);
  expect(sent.length - before).toBe(2);
  clock.run(200 * SECOND);
  expect([agent.neighbors(), changes, agent.counters.statsAgeoutsTotal]).toEqual([[], ['1: vm', '1: gone'], 1]);
  agent.handleFrame('1', golden.lldp.frame);
  agent.handleCarrier('1', false);
  expect([agent.neighbors(), clock.pending]).toEqual([[], 0]);
});

it('has room for some neighbours, and counts those it has none for, and what it can not read', () => {
  const { agent } = bench();
  agent.handleCarrier('1', true);
  for (let last = 0; last < 50; last += 1) {
    const frame = golden.lldp.frame.slice();
    frame[22] = last;
    agent.handleFrame('1', frame);
  }
  agent.handleFrame('1', golden.lldp.frame.subarray(0, 40));
  expect([agent.neighbors().length, agent.counters.statsRemTablesDrops, agent.counters.statsFramesInErrorsTotal]).toEqual([8, 42, 1]);
});
