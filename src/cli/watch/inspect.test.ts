/** `samewire inspect` at a fabric that is up. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setFaults, setLink } from '../network/links.ts';
import { show } from '../network/show.ts';
import { type RunningRack, runningRack } from '../network/testing/running-rack.ts';
import { inspect } from './inspect.ts';
import type { Inspection } from './inspection.ts';

let rack: RunningRack;
beforeAll(async () => {
  rack = await runningRack();
});
afterAll(async () => {
  expect(await rack.stop()).toBe(0);
});

async function said(run: Promise<number>): Promise<string> {
  rack.said();
  expect(await run).toBe(0);
  return rack.said();
}

const look = (first?: string, second?: string, options = {}): Promise<string> => said(inspect(first, second, options, rack.context));
const sequence = async (): Promise<number> => (JSON.parse(await look('rack.yaml', undefined, { json: true })) as Inspection).state.sequence;
const nextSample = async (): Promise<void> => {
  const before = await sequence();
  while ((await sequence()) === before) await new Promise((resolve) => setTimeout(resolve, 20));
};

describe('samewire inspect', () => {
  it('has a line for each node, and says that all is well', async () => {
    const text = await look('rack.yaml');
    expect(text).toMatch(/^rack {2}up for 0:00:\d\d, since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d; Samewire /);
    expect(text).toMatch(/^node +kind +state +ports up +addresses +storage$/m);
    expect(text).toMatch(/^esx1 +host +up +1\/1 +192\.0\.2\.11\/24 +-$/m);
    // What nothing is plugged into is not counted.
    expect(text).toMatch(/^esx2 +host +up +1\/1 /m);
    expect(text).toMatch(/^tor1 +switch +up, root of the spanning tree +4\/4 +\d+ learned +-$/m);
    expect(text).not.toContain('fe80:');
    expect(text).toContain('tor1:9 - tor2:9 has loss 0.5%, each way\n');
  });

  it('says what is wrong', async () => {
    await setFaults('rack.yaml', 'tor1:9', { none: true }, rack.context);
    await nextSample();
    expect(await look('rack.yaml')).toContain('all is well: 4 links up, 0 sessions\n');
    await setLink('rack.yaml', 'esx1:nic0', false, {}, rack.context);
    await nextSample();
    const text = await look('rack.yaml');
    expect(text).toContain('esx1:nic0 - tor1:1 is down\n');
    expect(text).toMatch(/^esx1 +host +1 port down +0\/1 /m);
    expect(text).toMatch(/^tor1 +switch +1 port down +3\/4 /m);
    await setLink('rack.yaml', 'esx1:nic0', true, {}, rack.context);
  });

  it('has everything of one node', async () => {
    const machine = await look('rack.yaml', 'esx2');
    expect(machine).toMatch(/^esx2 {2}host: /);
    expect(machine).toMatch(/^esx2:nic0 {2}up /m);
    expect(machine).toMatch(/^192\.0\.2\.0\/24 +on the link +nic0 /m);
    expect(machine).toMatch(/^esx2:nic0 - tor1:2 {2}up {5}10 Gb\/s .* none$/m);
    const one = await look('rack.yaml', 'tor2');
    expect(one).toContain('the root of the spanning tree is tor1, behind port 9');
    await expect(look('rack.yaml', 'tor9')).rejects.toThrow('There is no tor9 in rack; there are esx1, esx2, esx3, tor1, tor2.');
  });

  it('takes a node alone where one fabric is up, as `network show` does', async () => {
    expect(await look('tor2')).toMatch(/^tor2 {2}switch: /);
    expect(await look()).toMatch(/^rack {2}up for/);
    expect(await said(show('tor2', undefined, {}, rack.context))).toContain('the root of the spanning tree is tor1');
    await expect(look('tor9')).rejects.toThrow(
      'tor9 is no fabric file that is up, and no node of rack, which has esx1, esx2, esx3, tor1, tor2.',
    );
    await expect(look('other.yaml')).rejects.toThrow('other.yaml is not up, or not as this user.');
    await expect(look('other.yaml', 'tor1')).rejects.toThrow('other.yaml is not up, or not as this user.');
  });

  it('gives programs one object', async () => {
    const whole = JSON.parse(await look('rack.yaml', undefined, { json: true })) as Inspection;
    expect(whole.fabric).toMatchObject({ name: 'rack', counts: { machines: 3, switches: 2, links: 4 } });
    expect([whole.topology.nodes.length, whole.state.links.length, whole.network?.switches.length]).toEqual([5, 4, 2]);
    const node = JSON.parse(await look('rack.yaml', 'tor1', { json: true })) as Record<string, unknown>;
    expect(node).toMatchObject({ fabric: 'rack', id: 'tor1', kind: 'switch', switch: { switch: 'tor1' } });
  });
});
