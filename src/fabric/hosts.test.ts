/** The `hosts` section of a fabric file: what can be written, what it means, and what is said of mistakes in it. */
import { describe, expect, it } from 'vitest';
import { SECOND } from '../base/clock.ts';
import { loadFabric } from './load.ts';
import { defaultSettings, settingsOf } from './host-model.ts';
import { findServer } from './find-server.ts';

const fabricOf = (adapter: string): string => `version: 1
name: x
arrays:
  array1:
    portals: ["127.0.0.1:0", { name: left, listen: "[::1]:0", group: 2 }, "192.0.2.1:3261"]
    targets: { iqn.2026-01.net.example:disk: { luns: [{ store: memory, size: 1MiB }] } }
hosts:
  esx1:
    iscsi:
      vmhba64:
        ${adapter.trimEnd().replaceAll('\n', '\n        ')}
`;

const problemsOf = (adapter: string): string[] =>
  loadFabric(fabricOf(adapter), 'x.yaml').problems.map(({ rule, message, remedy }) => `${rule} ${message} ${remedy}`);

function adapterOf(text: string) {
  const { fabric, problems } = loadFabric(fabricOf(text), 'x.yaml');
  expect(problems).toEqual([]);
  return { fabric: fabric!, adapter: fabric!.hosts[0]!.adapters[0]! };
}

const FULL = `initiator: iqn.1998-01.com.vmware:esx1
alias: First host
bind: [192.0.2.7, "2001:DB8::7"]
discovery:
  - array1
  - { server: array1/left, chap: { user: finder, secret: { file: finder.secret } }, settings: { dataDigest: [crc32c] } }
  - storage.example
targets:
  - { name: iqn.2026-01.net.example:disk, address: "192.0.2.1:3261", settings: { connections: 4, firstBurst: 64KiB } }
  - { name: iqn.2026-01.net.example:other, settings: { loginTimeout: 1s } }
chap: { user: esx1, secret: { env: ESX1 }, mutual: { user: array, secret: { env: ARRAY } }, algorithms: [md5, md5] }
settings: { maxBurst: 512KiB, pingAfter: 15s, errorRecoveryLevel: 2 }
`;

describe('hosts', () => {
  it('are there with everything that can be said', () => {
    const { fabric, adapter } = adapterOf(FULL);
    expect(fabric.hosts.map((host) => [host.name, host.at])).toEqual([['esx1', ['hosts', 'esx1']]]);
    expect(adapter).toMatchObject({
      at: ['hosts', 'esx1', 'iscsi', 'vmhba64'],
      name: 'vmhba64',
      initiator: 'iqn.1998-01.com.vmware:esx1',
      alias: 'First host',
      bind: { ipv4: '192.0.2.7', ipv6: '2001:db8::7' },
      servers: [
        { server: { kind: 'array', array: 'array1', portal: undefined }, chap: undefined, changes: {} },
        {
          at: ['hosts', 'esx1', 'iscsi', 'vmhba64', 'discovery', 1],
          server: { kind: 'array', array: 'array1', portal: 'left' },
          chap: { user: 'finder', secret: { kind: 'file', path: 'finder.secret' }, required: false },
          changes: { dataDigest: ['crc32c'] },
        },
        { server: { kind: 'address', address: { host: 'storage.example', port: 3260 } } },
      ],
      targets: [
        { name: 'iqn.2026-01.net.example:disk', address: { kind: 'address' }, changes: { connections: 4, firstBurstBytes: 65_536 } },
        { name: 'iqn.2026-01.net.example:other', address: undefined },
      ],
      chap: { user: 'esx1', mutual: { user: 'array' }, algorithms: ['md5'] },
    });
    expect(adapter.settings).toEqual({
      ...defaultSettings,
      maxBurstBytes: 524_288,
      pingAfterNanos: 15 * SECOND,
      errorRecoveryLevel: 2,
    });
    expect(settingsOf(adapter, adapter.targets[0]!.changes)).toEqual({ ...adapter.settings, connections: 4, firstBurstBytes: 65_536 });
  });

  it('need only a name of their own', () => {
    const { adapter } = adapterOf('initiator: iqn.1998-01.com.vmware:esx1');
    expect(adapter).toMatchObject({ bind: undefined, servers: [], targets: [], chap: undefined, settings: defaultSettings });
  });

  it('find the portals they mean: by array, by name, by address', () => {
    const { fabric, adapter } = adapterOf(FULL);
    const found = [...adapter.servers.map(({ server }) => server), adapter.targets[0]!.address!].map((server) =>
      findServer(fabric, server),
    );
    expect(found.map((one) => one?.array.portals.indexOf(one.portal))).toEqual([0, 1, undefined, 2]);
  });

  it.each([
    ['initiator: esx1', 'SW-0006 `esx1` is not an iSCSI name. Write a name such as `iqn.2026-01.net.example:disk1`.'],
    ['alias: x', 'SW-0004 `vmhba64` has no `initiator`. Add `initiator:` with the iSCSI name of the adapter.'],
    [
      'initiator: iqn.1998-01.com.vmware:a\nbind: ["192.0.2.7:3260"]',
      'SW-0006 `192.0.2.7:3260` is not an address to connect from. Write an IP address of this machine without a port, such as `192.0.2.7`.',
    ],
    [
      'initiator: iqn.1998-01.com.vmware:a\nbind: [192.0.2.7, 192.0.2.8]',
      'SW-0006 There are two IPv4 addresses here. Keep one; for a second path declare a second adapter.',
    ],
    ['initiator: iqn.1998-01.com.vmware:a\nbind: ["::"]', 'SW-0006 `::` is no address to connect from. Leave `bind` out, or name one.'],
    [
      'initiator: iqn.1998-01.com.vmware:a\ndiscovery: ["192.0.2.1:0"]',
      'SW-0006 Nobody can connect to port 0. Write the port that is listened on.',
    ],
    [
      'initiator: iqn.1998-01.com.vmware:a\nsettings: { noopOutInterval: 5s }',
      'SW-0003 There is no key `noopOutInterval` in `settings`. Did you mean `pingAfter`?',
    ],
    [
      'initiator: iqn.1998-01.com.vmware:a\nchap: { user: a, secret: hunter2 }',
      "SW-0007 A secret doesn't belong into this file. Put it into an environment variable or a file and write `secret: { env: NAME }` or `secret: { file: PATH }`.",
    ],
  ])('%s', (adapter, problem) => expect(problemsOf(adapter)).toEqual([problem]));

  it('have names that can be written in a command', () => {
    const text = fabricOf('initiator: iqn.1998-01.com.vmware:a').replace('esx1:', '"esx 1":').replace('vmhba64:', '"vmhba/64":');
    expect(loadFabric(text, 'x.yaml').problems.map(({ message }) => message)).toEqual([
      '`esx 1` is not a good name.',
      '`vmhba/64` is not a good name.',
    ]);
  });
});
