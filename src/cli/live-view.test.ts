import { array, assert, integer, property, string } from 'fast-check';
import colors from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { LinkReport } from '../os/network/link-report.ts';
import { attachmentCounters } from '../os/ports/attachment.ts';
import type { SessionReport } from '../os/running.ts';
import { NO_FAULTS } from '../runtime/link-faults.ts';
import type { UnitState } from '../server/view/state.ts';
import { widthOf } from './watch/fit.ts';
import { unitState } from './watch/testing/watched.ts';
import { clockText, viewLines, type ViewState } from './live-view.ts';

const plain = colors.createColors(false);

const unit = (lun: number, reads = 0): UnitState => unitState(lun, { readsPerSecond: reads, readBytesPerSecond: reads * 4096 });

const session = (initiator: string): SessionReport => ({
  array: 'array1',
  id: 1,
  target: 'iqn.2026-01.net.example:disk1',
  initiator,
  remotes: ['127.0.0.1:50000', '127.0.0.1:50001'],
  authentication: 'chap',
  commandsUnderWay: 3,
});

const event = (message: string): ViewState['events'][number] => ({
  time: '12:00:00',
  event: { id: 1, name: 'x', severity: 'info', source: 'array1', message, data: {} },
});

const STATE: ViewState = {
  name: 'first',
  upMilliseconds: 83_000,
  stopping: false,
  units: [unit(0, 12_345), unit(1)],
  sessions: [session('iqn.1994-05.com.redhat:client1')],
  hosts: [],
  network: undefined,
  tries: [{ title: '', commands: ['iscsi-ls -s iscsi://127.0.0.1:3260'] }],
  events: [event('One.'), event('Two.')],
};

const pathStatus = (name: string, state: 'active' | 'dead') => ({
  path: name,
  adapter: 'vmhba64',
  target: 'iqn.2026-01.net.example:disk1',
  address: '192.0.2.1:3260',
  lun: 0,
  state,
  inUse: state === 'active',
  access: undefined,
  preferred: false,
  reason: state === 'dead' ? 'no connection to 192.0.2.1:3260: it is gone' : undefined,
  commands: 0,
  commandsUnderWay: 0,
});

const end = (node: string, port: string, loss = 0): LinkReport['ends'][number] => ({
  node,
  port,
  faults: { ...NO_FAULTS, loss },
  counters: {} as LinkReport['ends'][number]['counters'],
  waitingBytes: 0,
});

const link = (number: number, up: boolean, loss = 0): LinkReport => ({
  up,
  rateBitsPerSecond: 10e9,
  delayNanos: 15,
  mtuBytes: 9216,
  ends: [end('esx1', `nic${number}`, loss), end('tor1', `${number}`, loss)],
});

/** The section of the network. */
const rowsOf = (network: ViewState['network']): string[] => {
  const lines = viewLines({ ...STATE, network }, 100, 60, plain).map((line) => line.trimEnd());
  const first = lines.findIndex((line) => line.startsWith('  Network'));
  return lines.slice(first, lines.indexOf('', first));
};

describe('viewLines', () => {
  it('shows LUNs, sessions, commands and events', () => {
    expect(viewLines(STATE, 110, 40, plain).map((line) => line.trimEnd())).toEqual([
      ' first   up 0:01:23   2 LUNs, 1 session   Ctrl-C stops',
      '',
      '  LUN                                  size read IOPS  wr. IOPS read MB/s  wr. MB/s',
      '  iqn.2026-01.net.example:disk1 0     64MiB    12,345         0      50.6       0.0',
      '  iqn.2026-01.net.example:disk1 1     64MiB         0         0       0.0       0.0',
      '',
      '  Sessions                               target                                 from',
      '  iqn.1994-05.com.redhat:client1         iqn.2026-01.net.example:disk1          127.0.0.1:50000 +1    chap',
      '',
      '  Try from another terminal',
      '  iscsi-ls -s iscsi://127.0.0.1:3260',
      '',
      '  Events',
      '  12:00:00 array1: One.',
      '  12:00:00 array1: Two.',
    ]);
  });

  it('shows hosts: adapters, what is wrong, and disks with their paths', () => {
    const host = {
      host: 'esx1',
      adapters: [
        {
          adapter: 'vmhba64',
          initiator: 'iqn.1998-01.com.vmware:esx1',
          alias: undefined,
          rescanning: false,
          servers: [
            { server: '192.0.2.9:3260', state: 'failed' as const, reason: 'no connection to 192.0.2.9:3260: no route', targets: 0 },
          ],
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
          state: 'ready' as const,
          paths: [pathStatus('vmhba64:C0:T0:L0', 'active'), pathStatus('vmhba64:C1:T0:L0', 'dead')],
        },
      ],
    };
    const lines = viewLines({ ...STATE, hosts: [host] }, 100, 40, plain);
    const at = lines.indexOf('  Hosts');
    expect(lines.slice(at, at + 6)).toEqual([
      '  Hosts',
      '  esx1/vmhba64  iqn.1998-01.com.vmware:esx1  no targets yet',
      '    discovery at 192.0.2.9:3260: no route',
      '  esx1  naa.6025357000000001   64MiB  1 active (I/O), 1 dead',
      '    vmhba64:C1:T0:L0: dead: it is gone',
      '',
    ]);
    // Where there is no room, what can be read elsewhere goes first, not what happens.
    const few = viewLines({ ...STATE, hosts: [host] }, 100, 18, plain);
    expect(few).toContain('  Events');
    expect(few).not.toContain('  Try from another terminal');
  });

  it('keeps the latest events, and says how many LUNs it leaves out', () => {
    const many = {
      ...STATE,
      units: Array.from({ length: 50 }, (_, lun) => unit(lun)),
      events: Array.from({ length: 50 }, (_, n) => event(`Number ${n}.`)),
    };
    const lines = viewLines(many, 100, 24, plain);
    expect(lines).toHaveLength(24);
    expect(lines.at(-1)).toContain('Number 49.');
    expect(lines.some((line) => /\.\.\. and \d+ more/.test(line))).toBe(true);
  });

  it('shows of the network what is down or in trouble, and who is there', () => {
    const attached = [{ port: 'tor1:9', to: 'QEMU at vm1.sock', present: false, counters: attachmentCounters() }];
    expect(rowsOf({ links: [link(0, true), link(1, false), link(2, true, 0.02)], attached })).toEqual([
      '  Network: 2 of 3 links up, attached: 0 of 1 present',
      '  esx1:nic1 - tor1:1 is down',
      '  esx1:nic2 - tor1:2: loss 2%',
      '  tor1:9  QEMU at vm1.sock: absent',
    ]);
    expect(rowsOf({ links: [link(0, true)], attached: [] })).toEqual(['  Network: 1 link up', '  all is well']);
    // A fabric of a thousand links does not push everything else aside.
    const many = rowsOf({ links: Array.from({ length: 1000 }, (_, index) => link(index, false)), attached });
    expect(many).toHaveLength(7);
    expect(many.at(-1)).toBe('  ... and 996 more');
  });

  it('never exceeds the terminal, whatever its size and whatever the names', () => {
    const counts = integer({ min: 0, max: 12 });
    assert(
      property(
        integer({ min: 1, max: 200 }),
        integer({ min: 1, max: 60 }),
        counts,
        counts,
        array(string({ unit: 'binary' }), { maxLength: 5 }),
        (columns, rows, luns, sessions, names) => {
          const state: ViewState = {
            ...STATE,
            units: Array.from({ length: luns }, (_, lun) => unit(lun)),
            sessions: Array.from({ length: sessions }, (_, index) => session(names[index] ?? 'x'.repeat(223))),
            events: names.map(event),
          };
          const lines = viewLines(state, columns, rows, plain);
          expect(lines.length).toBeLessThanOrEqual(rows);
          for (const line of lines) {
            expect(widthOf(line)).toBeLessThanOrEqual(columns);
            // oxlint-disable-next-line no-control-regex
            expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
          }
        },
      ),
    );
  });
});

it('clockText', () =>
  expect([clockText(0), clockText(59_999), clockText(3_723_000), clockText(360_000_000)]).toEqual([
    '0:00:00',
    '0:00:59',
    '1:02:03',
    '100:00:00',
  ]));
