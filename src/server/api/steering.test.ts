/** What is done by hand to sessions, portal groups, paths and adapters of a fabric that is really up, and what comes of it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { HostReport } from '../../device/host-report.ts';
import type { Sampler } from '../view/sampler.ts';
import { type StartedFabric, startFabric } from '../view/testing/started-fabric.ts';
import { STEERED_FABRIC, STEERED_TARGET } from '../view/testing/steered-fabric.ts';
import { readInput } from './input.ts';
import { NotFound } from './operation.ts';
import { pathOperations, type ResetAnswer } from './paths.ts';
import { storageOperations, type AccessAnswer, type SessionsAnswer, type UnitsAnswer } from './storage.ts';

let up: StartedFabric;
beforeAll(async () => {
  up = await startFabric(STEERED_FABRIC);
  await up.fabric.hosts.tried(10_000);
});
afterAll(() => up[Symbol.asyncDispose]());

function ask<Answer>(path: string, input: unknown = {}): Promise<Answer> {
  const found = [...storageOperations, ...pathOperations].find((one) => one.path === path)!;
  // Synchronous errors as rejections.
  return Promise.resolve().then(() => found.act({ fabric: up.fabric, sampler: {} as Sampler }, readInput(found, input))) as Promise<Answer>;
}

const host = (): HostReport => up.fabric.hosts.reports()[0]!;
const paths = (): string[] => host().devices[0]!.paths.map(({ path, state, inUse }) => `${path} ${state}${inUse ? ' in use' : ''}`);
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
const bothInUse = (): boolean => paths().every((path) => path.endsWith('active in use'));
const events = (name: string): number => up.fabric.events.find({}).filter((event) => event.name === name).length;

it('sessions are listed, ended, and come back as others', async () => {
  await until(bothInUse);
  const { sessions } = await ask<SessionsAnswer>('/api/sessions');
  expect(sessions.map(({ array, target, from, authentication }) => [array, target, from, authentication])).toEqual(
    Array.from({ length: 2 }, () => ['array1', STEERED_TARGET, 'esx1', 'none']),
  );
  const [first, second] = sessions;
  const left = await ask<SessionsAnswer>('/api/sessions/end', { array: 'array1', session: first!.id });
  expect(left.sessions.map(({ id }) => id)).toEqual([second!.id]);
  expect(events('session-killed')).toBe(1);
  await until(() => up.fabric.arrays.sessions().length === 2 && bothInUse());
  const ids = up.fabric.arrays.sessions().map(({ id }) => id);
  expect(ids).toContain(second!.id);
  expect(ids).not.toContain(first!.id);
  await expect(ask('/api/sessions/end', { array: 'array1', session: first!.id })).rejects.toThrow(
    new NotFound(`array1 has no session ${first!.id}; it has ${ids.join(', ')}.`),
  );
  await expect(ask('/api/sessions/end', { array: 'array9', session: 1 })).rejects.toThrow('There is no array array9; there are array1.');
  await expect(ask('/api/sessions/end', { array: 'array1', session: 0 })).rejects.toThrow('`session` is a whole number');
}, 20_000);

it('units are listed', async () => {
  const { units } = await ask<UnitsAnswer>('/api/units');
  expect(units).toMatchObject([{ array: 'array1', target: STEERED_TARGET, lun: 0, store: 'memory', bytes: 64 * 1024 * 1024 }]);
});

it('paths are switched off and on', async () => {
  await until(bothInUse);
  const { device } = host().devices[0]!;
  const at = { host: 'esx1', device, path: 'vmhba64:C0:T0:L0' };
  await ask('/api/hosts/path', { ...at, state: 'off' });
  expect(paths()).toEqual(['vmhba64:C0:T0:L0 off', 'vmhba64:C1:T0:L0 active in use']);
  await ask('/api/hosts/path', { ...at, state: 'active' });
  await until(bothInUse);
  expect([events('multipath-path-off'), events('multipath-path-on')]).toEqual([1, 1]);
  await expect(ask('/api/hosts/path', { ...at, path: 'x', state: 'off' })).rejects.toThrow(
    `${device} has no path x at esx1; it has vmhba64:C0:T0:L0, vmhba64:C1:T0:L0.`,
  );
  await expect(ask('/api/hosts/path', { ...at, device: 'naa.0', state: 'off' })).rejects.toThrow(
    `esx1 has no disk naa.0; it has ${device}.`,
  );
  await expect(ask('/api/hosts/path', { ...at, host: 'esx9', state: 'off' })).rejects.toThrow('There is no host esx9');
  await expect(ask('/api/hosts/path', { ...at, state: 'dead' })).rejects.toThrow('`state` is one of off, active');
});

it('a portal group is put to another access state, which hosts see', async () => {
  const answer = await ask<AccessAnswer>('/api/arrays/access', { array: 'array1', group: 1, access: 'standby' });
  expect(answer).toMatchObject({ array: 'array1', group: 1, access: 'standby', units: 1 });
  // By the next question at the latest: any command is told by a unit attention.
  await up.fabric.hosts.rescan();
  await until(() => paths()[0] === 'vmhba64:C0:T0:L0 standby');
  await ask('/api/arrays/access', { array: 'array1', group: 1, access: 'active-optimized', transitionNanos: 1_000_000 });
  await up.fabric.hosts.rescan();
  await until(bothInUse);
  await expect(ask('/api/arrays/access', { array: 'array1', group: 7, access: 'standby' })).rejects.toThrow(
    'No logical unit of array1 is reached by a portal group 7; it has 1, 2.',
  );
}, 30_000);

it('an adapter is reset, and has its sessions back', async () => {
  const before = new Set(up.fabric.arrays.sessions().map(({ id }) => id));
  const answer = await ask<ResetAnswer>('/api/hosts/reset', { host: 'esx1', adapter: 'vmhba64' });
  expect(answer.lost).toBe(0);
  expect(up.fabric.arrays.sessions().filter(({ id }) => before.has(id))).toEqual([]);
  await until(bothInUse);
  expect([events('adapter-reset'), events('adapter-reset-failed')]).toEqual([1, 0]);
  await expect(ask('/api/hosts/reset', { host: 'esx1', adapter: 'vmhba1' })).rejects.toThrow('esx1 has no adapter vmhba1; it has vmhba64.');
}, 20_000);
