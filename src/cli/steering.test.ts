/** `samewire sessions`, `iscsi path` and `iscsi reset` at a fabric that is really up. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askOperation } from '../server/api/ask.ts';
import type { Sampler } from '../server/view/sampler.ts';
import { type StartedFabric, startFabric } from '../server/view/testing/started-fabric.ts';
import { STEERED_FABRIC, STEERED_TARGET } from '../server/view/testing/steered-fabric.ts';
import { resetAdapter, setPath } from './iscsi/paths.ts';
import { endSession, listSessions } from './sessions.ts';
import { type TestContext, testContext } from './testing/test-context.ts';

let up: StartedFabric;
let context: TestContext;
let read = 0;
beforeAll(async () => {
  up = await startFabric(STEERED_FABRIC);
  await up.fabric.hosts.tried(10_000);
  context = {
    ...testContext(),
    askControl: (_, method, url, body) => askOperation({ fabric: up.fabric, sampler: {} as Sampler }, method, url, body),
  };
});
afterAll(() => up[Symbol.asyncDispose]());

function news(): string {
  const text = context.written().slice(read);
  read += text.length;
  return text;
}

const device = () => up.fabric.hosts.reports()[0]!.devices[0]!;
async function untilReady(): Promise<void> {
  while (up.fabric.arrays.sessions().length !== 2 || !device().paths.every(({ inUse }) => inUse))
    await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('samewire sessions', () => {
  it('lists who is logged in, and ends one', async () => {
    await untilReady();
    const [first] = up.fabric.arrays.sessions();
    expect(await listSessions(undefined, {}, context)).toBe(0);
    const [heading, row] = news().split('\n');
    expect(heading!.split(/ {2,}/)).toEqual(['array', 'id', 'initiator', 'target', 'origin', 'authentication', 'commands']);
    expect(row!.split(/ {2,}/)).toEqual([
      'array1',
      String(first!.id),
      'iqn.1998-01.com.vmware:esx1',
      STEERED_TARGET,
      `esx1, ${first!.remotes[0]}`,
      'none',
      '0',
    ]);
    expect(await endSession(['f.yaml', 'array1', String(first!.id)], {}, context)).toBe(0);
    expect(news()).toBe(`Session ${first!.id} at array1 is ended.\n`);
    await expect(endSession(['array1', String(first!.id)], {}, context)).rejects.toThrow(`array1 has no session ${first!.id}`);
    await expect(endSession(['array1', 'x'], {}, context)).rejects.toThrow('`x` is no session');
    await expect(endSession(['array1'], {}, context)).rejects.toThrow('This takes the fabric file');
    await untilReady();
    await listSessions('f.yaml', { json: true }, context);
    expect(JSON.parse(news())).toMatchObject({ fabric: 'test', sessions: [{ from: 'esx1' }, { from: 'esx1' }] });
  });
});

describe('samewire iscsi path', () => {
  it('switches paths off and on, and says when none is left', async () => {
    await untilReady();
    const options = { file: 'f.yaml' };
    expect(await setPath('esx1/vmhba64:C0:T0:L0', 'off', options, context)).toBe(0);
    expect(news()).toBe(`esx1/vmhba64:C0:T0:L0 to ${device().device}: off: it was switched off.\n`);
    expect(context.complaints()).toBe('');
    await setPath('esx1/vmhba64:C1:T0:L0', 'off', options, context);
    expect(context.complaints()).toBe(`note: no path to ${device().device} is in use.\n`);
    for (const channel of [0, 1]) await setPath(`esx1/vmhba64:C${channel}:T0:L0`, 'active', options, context);
    await untilReady();
    news();
    await expect(setPath('esx1/vmhba9:C0:T0:L0', 'off', options, context)).rejects.toThrow('esx1 has no path vmhba9:C0:T0:L0; it has');
    await expect(setPath('esx9/vmhba64:C0:T0:L0', 'off', options, context)).rejects.toThrow(
      'There is no host esx9 with adapters; there are esx1.',
    );
    await expect(setPath('vmhba64:C0:T0:L0', 'off', options, context)).rejects.toThrow('is no host and path');
  });
});

describe('samewire iscsi reset', () => {
  it('resets an adapter, and says whether everything is back', async () => {
    await untilReady();
    expect(await resetAdapter('esx1/vmhba64', { file: 'f.yaml' }, context)).toBe(0);
    expect(news()).toBe('esx1/vmhba64 was reset, and has its sessions back.\n');
    await expect(resetAdapter('esx1/vmhba1', { file: 'f.yaml' }, context)).rejects.toThrow('esx1 has no adapter vmhba1; it has vmhba64.');
  });
});
