import colors from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { HostReport, PathReport } from '../../device/host-report.ts';
import { attachmentCounters } from '../../os/ports/attachment.ts';
import { pathText } from '../host-words.ts';
import type { Inspection } from './inspection.ts';
import { overviewText } from './inspect-overview.ts';
import { sessionState, stateOf, TOPOLOGY, unitState } from './testing/watched.ts';
import { troubleRows } from './trouble.ts';

const plain = colors.createColors(false);

const path = (state: PathReport['state']): PathReport => ({
  path: `vmhba64:C${state === 'dead' ? 1 : 0}:T0:L0`,
  adapter: 'vmhba64',
  target: 'iqn.2026-01.net.example:disk1',
  address: '192.0.2.20:3260',
  lun: 0,
  state,
  inUse: state === 'active',
  access: undefined,
  preferred: false,
  reason: state === 'dead' ? 'switched off by hand' : undefined,
  commands: 7,
  commandsUnderWay: 0,
});

const host = (states: readonly PathReport['state'][], situation: HostReport['devices'][number]['state'] = 'ready'): HostReport => ({
  host: 'esx1',
  adapters: [
    {
      adapter: 'vmhba64',
      initiator: 'iqn.1998-01.com.vmware:esx1',
      alias: undefined,
      rescanning: false,
      servers: [],
      targets: [],
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
      state: situation,
      paths: states.map(path),
    },
  ],
});

const INSPECTION: Inspection = {
  fabric: {
    name: 'rack',
    version: '1.2.3',
    file: '/lab/rack.yaml',
    startedAt: '2026-01-02T12:00:00.000Z',
    url: 'http://127.0.0.1:8326/',
    counts: { arrays: 1, targets: 1, units: 1, hosts: 1, machines: 0, switches: 0, links: 0 },
    onlyChecked: [],
  },
  topology: TOPOLOGY,
  state: stateOf(83, { hosts: [host(['active', 'active'])], sessions: [sessionState('iqn.1998-01.com.vmware:esx1')] }),
  network: undefined,
};

const text = (changes: Partial<Inspection> = {}, all = false): string => overviewText({ ...INSPECTION, ...changes }, all, plain);

const attached = (present: boolean) => [
  { port: 'tor1:9', to: 'QEMU at vm1.sock', present, counters: attachmentCounters(), hints: ['-netdev stream'] },
];

describe('a fabric at a glance', () => {
  it('begins with what it is', () => {
    const [first, file, page] = text().split('\n');
    expect(first).toMatch(/^rack {2}up for 0:01:23, since 2026-01-0\d \d\d:00:00; Samewire 1\.2\.3$/);
    expect([file, page]).toEqual(['file  /lab/rack.yaml', 'page  http://127.0.0.1:8326/']);
    const bare = text({ fabric: { ...INSPECTION.fabric, file: undefined, url: undefined } });
    expect(bare).not.toMatch(/^(file|page)/m);
  });

  it('says how hosts and arrays are', () => {
    expect(text()).toMatch(/^esx1 +host +up +- +- +0 sessions, 1 disk, 2 paths$/m);
    expect(text()).toMatch(/^array1 +array +up +- +- +1 LUN, 1 session$/m);
    const dead = text({ state: stateOf(1, { hosts: [host(['active', 'dead'])] }) });
    expect(dead).toMatch(/^esx1 +host +1 path dead +- +- +0 sessions, 1 disk, 1 of 2 paths$/m);
    expect(dead).toContain('esx1: vmhba64:C1:T0:L0: dead: switched off by hand\n');
    expect(dead).not.toContain('all is well');
  });

  it('lists some sessions, or all of them', () => {
    const state = stateOf(1, { sessions: Array.from({ length: 30 }, (_, index) => sessionState(`iqn.2026-01.net.example:h${index}`)) });
    expect(text({ state })).toContain('... and 10 more sessions, with --all\n');
    expect(text({ state }, true).match(/:h\d+ /g)).toHaveLength(30);
  });

  it('says how to get in, and what is not run', () => {
    const published = [{ host: 'esx1', listen: '127.0.0.1:3260', to: '192.0.2.20:3260' }];
    const network = { fabric: 'rack', machines: [], switches: [], links: [], attached: attached(false), published };
    const open = text({ network, fabric: { ...INSPECTION.fabric, onlyChecked: ['teams'] } });
    expect(open).toContain('127.0.0.1:3260 leads to 192.0.2.20:3260, from esx1\n');
    expect(open).toContain('tor1:9: QEMU at vm1.sock: nobody there; at the other end:\n  -netdev stream\n');
    expect(open.endsWith('note Only checked, and not run yet: teams.\n')).toBe(true);
    expect(text({ network: { ...network, attached: attached(true) } })).toContain('tor1:9: QEMU at vm1.sock: present\n');
  });

  it('shows no control characters of what others are called', () => {
    const state = stateOf(1, { units: [unitState(0, { target: 'iqn.\u001b[2J' })], sessions: [sessionState('iqn.\u001b]0;x\u0007')] });
    expect(text({ state })).not.toContain('\u001b');
  });
});

it('a reason without its address is still a sentence', () => {
  const late = { ...path('dead'), reason: 'no connection to 192.0.2.20:3260 within 15 s' };
  expect(pathText(late)).toBe('dead: no connection within 15 s');
});

it('trouble of disks comes before what is only under way', () => {
  const lost = host([], 'no-path');
  const [adapter] = lost.adapters;
  const waiting = { state: 'logging-in' as const, reason: undefined, portals: [] };
  const hosts = [
    {
      ...lost,
      adapters: [
        {
          ...adapter!,
          servers: [{ server: '192.0.2.9:3260', state: 'failed' as const, reason: 'no route', targets: 0 }],
          targets: [
            { id: 'C0:T0', target: 'iqn.x', address: '192.0.2.20:3260', discovery: 'static', servers: [], session: waiting },
          ] as never,
        },
      ],
    },
  ];
  expect(troubleRows({ links: [], hosts }, TOPOLOGY)).toEqual([
    { text: 'esx1: naa.6025357000000001: no path', tone: 'bad' },
    { text: 'esx1/vmhba64: discovery at 192.0.2.9:3260: no route', tone: 'bad' },
    { text: 'esx1/vmhba64: C0:T0 at 192.0.2.20:3260: logging in', tone: 'busy' },
  ]);
});
