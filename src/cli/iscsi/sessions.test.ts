/** `samewire iscsi sessions`, `rescan` and `forget` against an `up` of fakes, in words and as JSON. */
import { afterEach, describe, expect, it } from 'vitest';
import type { HostReport } from '../../device/host-report.ts';
import type { HostPlan } from '../../fabric/host-plan.ts';
import { fakeHosts, type TestContext, testContext } from '../testing/test-context.ts';
import { up } from '../up.ts';
import { forget, rescan, sessions } from './sessions.ts';

const TARGET = 'iqn.2026-01.net.example:disk';

const FABRIC = `version: 1
name: hosts
arrays:
  array1:
    portals: ["127.0.0.1:0"]
    targets: { ${TARGET}: { luns: [{ store: memory, size: 64MiB }] } }
hosts:
  esx1: { iscsi: { vmhba64: { initiator: iqn.1998-01.com.vmware:esx1, discovery: [array1] } } }
`;

const path = (channel: number, state: 'active' | 'dead', reason?: string): HostReport['devices'][number]['paths'][number] => ({
  path: `vmhba64:C${channel}:T0:L0`,
  adapter: 'vmhba64',
  target: TARGET,
  address: `192.0.2.${channel + 1}:3260`,
  lun: 0,
  state,
  inUse: state === 'active',
  access: 'active-optimized',
  preferred: false,
  reason,
  commands: 12,
  commandsUnderWay: 0,
});

const session = (state: 'logged-in' | 'waiting', reason?: string): HostReport['adapters'][number]['targets'][number]['session'] => ({
  state,
  reason,
  portals: [],
  isid: undefined,
  tsih: undefined,
  targetAlias: undefined,
  authentication: state === 'logged-in' ? 'mutual-chap' : undefined,
  headerDigest: false,
  dataDigest: state === 'logged-in',
  errorRecoveryLevel: 0,
  commandsUnderWay: 0,
  luns: [],
});

const REPORT: HostReport = {
  host: 'esx1',
  adapters: [
    {
      adapter: 'vmhba64',
      initiator: 'iqn.1998-01.com.vmware:esx1',
      alias: undefined,
      rescanning: false,
      servers: [
        { server: '192.0.2.1:3260', state: 'answered', reason: undefined, targets: 2 },
        { server: '192.0.2.9:3260', state: 'failed', reason: 'connection refused', targets: 0 },
      ],
      targets: [
        {
          id: 'C0:T0',
          target: TARGET,
          address: '192.0.2.1:3260',
          discovery: 'dynamic',
          servers: ['192.0.2.1:3260'],
          session: session('logged-in'),
        },
        {
          id: 'C1:T0',
          target: TARGET,
          address: '192.0.2.2:3260',
          discovery: 'static',
          servers: [],
          session: session('waiting', 'no\u001bway'),
        },
      ],
    },
  ],
  devices: [
    {
      device: 'naa.6025357000000001',
      vendor: 'SAMEWIRE',
      product: 'VIRTUAL-DISK',
      revision: '0001',
      serial: undefined,
      bytes: 67_108_864,
      blockSize: 512,
      thin: false,
      state: 'ready',
      paths: [path(0, 'active'), path(1, 'dead', 'connection refused')],
    },
  ],
};

const TABLES = `adapter       initiator                    sessions         discovery
esx1/vmhba64  iqn.1998-01.com.vmware:esx1  1 of 2 sessions  1 of 2 servers answered; 192.0.2.9:3260: connection refused

session             target                        address         found    state
esx1/vmhba64:C0:T0  iqn.2026-01.net.example:disk  192.0.2.1:3260  dynamic  logged in, mutual CHAP, data digest
esx1/vmhba64:C1:T0  iqn.2026-01.net.example:disk  192.0.2.2:3260  static   waiting: no\ufffdway

device                host  size   state                          model
naa.6025357000000001  esx1  64MiB  ready: 1 active (I/O), 1 dead  SAMEWIRE VIRTUAL-DISK

path                   device                address         commands  state
esx1/vmhba64:C0:T0:L0  naa.6025357000000001  192.0.2.1:3260        12  active (I/O)
esx1/vmhba64:C1:T0:L0  naa.6025357000000001  192.0.2.2:3260        12  dead: connection refused
`;

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let stop: (() => Promise<unknown>) | undefined;
afterEach(async () => {
  await stop?.();
  stop = undefined;
});

interface Told {
  readonly context: TestContext;
  readonly rescans: (string | undefined)[];
  readonly plans: (readonly HostPlan[])[];
  readonly forgotten: string[];
  /** What was written since the last call. */
  readonly news: () => string;
}

async function brought(): Promise<Told> {
  const rescans: (string | undefined)[] = [];
  const plans: (readonly HostPlan[])[] = [];
  const forgotten: string[] = [];
  const context = testContext({
    files: { 'f.yaml': FABRIC },
    startHosts: async () =>
      fakeHosts({
        reports: () => [REPORT],
        configure: (changed) => {
          plans.push(changed);
          return ['esx1/vmhba65 is new: it needs a new start.'];
        },
        rescan: async (host) => void rescans.push(host),
        forget: (...words) => {
          forgotten.push(words.join(' '));
          return words[2] === TARGET;
        },
      }),
  });
  const done = up('f.yaml', {}, context);
  await settle();
  stop = () => {
    context.signal();
    return done;
  };
  let read = context.written().length;
  const news = (): string => {
    const text = context.written().slice(read);
    read += text.length;
    return text;
  };
  return { context, rescans, plans, forgotten, news };
}

describe('samewire iscsi sessions', () => {
  it('shows adapters, sessions, devices and paths of the fabric that is up', async () => {
    const { context, news } = await brought();
    expect(context.written()).toMatch(/^ready: array1 on 127\.0\.0\.1:40001 \(1 target, 1 LUN, 1 host\)\n/);
    expect(context.written()).toContain(`  esx1
    vmhba64: iqn.1998-01.com.vmware:esx1, 1 of 2 sessions
      discovery at 192.0.2.9:3260: connection refused
      C0:T0 iqn.2026-01.net.example:disk at 192.0.2.1:3260: logged in, mutual CHAP, data digest
      C1:T0 iqn.2026-01.net.example:disk at 192.0.2.2:3260: waiting: no\ufffdway
    naa.6025357000000001: 64MiB, SAMEWIRE VIRTUAL-DISK
      vmhba64:C0:T0:L0 active (I/O)
      vmhba64:C1:T0:L0 dead: connection refused
Try from another terminal:
  samewire iscsi sessions f.yaml
`);
    expect(await sessions('f.yaml', {}, context)).toBe(0);
    expect(news()).toBe(TABLES);
    await sessions('f.yaml', { json: true }, context);
    expect(JSON.parse(news())).toEqual({ fabric: 'hosts', hosts: JSON.parse(JSON.stringify([REPORT])) });
  });

  it('says so where nothing is up', async () => {
    await expect(sessions('f.yaml', {}, testContext())).rejects.toThrow(
      'f.yaml is not up, or not as this user. Bring it up with: samewire up f.yaml',
    );
  });

  it('rescans with what the file says now, and says what that is not enough for', async () => {
    const { context, rescans, plans, news } = await brought();
    context.files.set('f.yaml', FABRIC.replace('discovery: [array1]', 'discovery: ["192.0.2.5"]'));
    await rescan('f.yaml', { host: 'esx1' }, context);
    expect(plans[0]![0]!.adapters[0]!.servers).toMatchObject([{ server: { kind: 'address', host: '192.0.2.5', port: 3260 } }]);
    expect(rescans).toEqual(['esx1']);
    expect(news()).toBe(TABLES);
    expect(context.complaints()).toContain('note: esx1/vmhba65 is new: it needs a new start.\n');
    await expect(rescan('f.yaml', { host: 'esx7' }, context)).rejects.toThrow('There is no host esx7.');
    context.files.set('f.yaml', `${FABRIC}x: 1\n`);
    await expect(rescan('f.yaml', {}, context)).rejects.toThrow(
      'f.yaml has 1 error now, which `samewire check` tells; nothing was changed.',
    );
    expect(rescans).toEqual(['esx1']);
  });

  it('removes static targets', async () => {
    const { context, forgotten, news } = await brought();
    await forget('esx1/vmhba64', TARGET, { file: 'f.yaml', address: '192.0.2.2:3260' }, context);
    expect(forgotten).toEqual([`esx1 vmhba64 ${TARGET} 192.0.2.2:3260`]);
    expect(news()).toBe('Removed. `samewire iscsi rescan f.yaml` logs out of it.\n');
    await expect(forget('esx1/vmhba64', 'iqn.2026-01.net.example:no', { file: 'f.yaml' }, context)).rejects.toThrow('has no static target');
    await expect(forget('esx1', TARGET, { file: 'f.yaml' }, context)).rejects.toThrow('`esx1` is no host and adapter');
  });
});
