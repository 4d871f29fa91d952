import { describe, expect, it } from 'vitest';
import type { ArrayPlan } from '../fabric/plan.ts';
import { DEFAULT_TARGET, serve, type ServeOptions } from './serve.ts';
import { fakeArrays, testContext } from './testing/test-context.ts';

async function plansOf(images: readonly string[], options: Partial<ServeOptions>): Promise<readonly ArrayPlan[]> {
  let given: readonly ArrayPlan[] = [];
  const context = testContext({
    startArrays: async (plans, services) => {
      given = plans;
      return fakeArrays(plans, services);
    },
  });
  const done = serve(images, { target: DEFAULT_TARGET, ...options }, context);
  setImmediate(() => context.signal());
  expect(await done).toBe(0);
  return given;
}

async function refusal(images: readonly string[], options: Partial<ServeOptions>): Promise<string> {
  const context = testContext();
  const message = await serve(images, { target: DEFAULT_TARGET, ...options }, context).catch((error: unknown) => (error as Error).message);
  return `${context.complaints()}${String(message)}`;
}

describe('samewire serve', () => {
  it('serves images first, then memory, on loopback', async () => {
    const [plan] = await plansOf(['a.img', '/b.img'], { memory: ['1GiB'], thin: true, blockSize: '4096' });
    expect(plan!.portals).toMatchObject([{ host: '127.0.0.1', port: 3260 }]);
    expect(plan!.stateDirectory).toBeUndefined();
    expect(plan!.targets[0]!.units.map(({ lun, store, config }) => [lun, store, config.thin, config.blockBytes])).toEqual([
      [0, { kind: 'file', path: 'a.img', sizeBytes: undefined }, true, 4096],
      [1, { kind: 'file', path: '/b.img', sizeBytes: undefined }, true, 4096],
      [2, { kind: 'memory', sizeBytes: 1_073_741_824 }, true, 4096],
    ]);
  });

  it('asks for CHAP from everyone, or lets in who is named', async () => {
    const chap = { user: 'u', secret: { kind: 'env', name: 'DISK' } };
    expect((await plansOf(['a'], { chapUser: 'u', chapSecretEnv: 'DISK' }))[0]!.targets[0]!.access).toMatchObject([
      { initiator: 'any', chap },
    ]);
    expect((await plansOf(['a'], { allow: ['iqn.1994-05.com.redhat:c'], portal: ['0.0.0.0:0'] }))[0]!.targets[0]!.access).toEqual([
      { initiator: 'iqn.1994-05.com.redhat:c', chap: undefined },
    ]);
  });

  it.each([
    [[], {}, 'There is nothing to serve'],
    [[], { memory: ['1G'] }, '`1GiB`'],
    [['a'], { portal: ['0.0.0.0:3260'] }, '`--allow`'],
    [['a'], { chapUser: 'u' }, 'both --chap-user and --chap-secret-env'],
    [['a'], { target: 'Disk' }, 'lower case'],
    [['a', './a'], {}, 'SW-1006'],
  ])('%j %j: %s', async (images, options, expected) => {
    expect(await refusal(images, options)).toContain(expected);
  });

  it('does not repeat what may be a secret in the place of a name', async () => {
    expect(await refusal(['a'], { chapUser: 'u', chapSecretEnv: 'hunter2 hunter2' })).not.toContain('hunter2');
  });
});
