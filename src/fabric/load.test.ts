import { describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.ts';
import { loadDeclaration, loadFabric, parseFabric } from './load.ts';

const SMALL = `version: 1
name: small
arrays:
  array1:
    portals: [127.0.0.1]
    targets:
      iqn.2026-01.net.example:disk1:
        luns: [{ store: memory, size: 64MiB }]
`;

const FULL = `version: 1
name: full
arrays:
  array1:
    portals:
      - "[::1]:3260"
      - { name: outside, listen: "0.0.0.0:3260", announce: "storage.example:13260", group: 2 }
    state: /var/lib/samewire
    discovery: { chap: { user: finder, secret: { file: secrets/finder } } }
    limits: { sessions: 8, commands: 32, loginTimeout: 500ms }
    negotiation: { headerDigest: [crc32c], maxBurst: 2MiB, errorRecoveryLevel: 1, time2Wait: 2s, time2Retain: 1m }
    targets:
      iqn.2026-01.net.example:disk1:
        alias: Disk one
        portals: [outside]
        access:
          - iqn.1994-05.com.redhat:client1
          - initiator: any
            chap:
              user: disk
              secret: { env: DISK_SECRET }
              mutual: { user: array, secret: { env: ARRAY_SECRET } }
              algorithms: [sha256, sha256, md5]
        luns:
          7: { store: file, path: a.img, blockSize: 4096, provisioning: thin, readOnly: true, removable: true, serial: X1, vendor: ACME, product: DISK }
      iqn.2026-01.net.example:moved:
        redirect: { to: "192.0.2.7", permanent: true }
`;

const problemsOf = (text: string): string[] =>
  loadFabric(text, 'a.yaml').problems.map(
    (problem) => `${problem.line}:${problem.column} ${problem.rule} ${problem.message} ${problem.remedy}`,
  );

/** The small fabric with one line replaced. */
const changed = (from: string, to: string): string => {
  expect(SMALL).toContain(from);
  return SMALL.replace(from, to);
};

describe('loadFabric', () => {
  it('fills in defaults', () => {
    const { fabric } = loadFabric(SMALL, 'a.yaml');
    expect(fabric).toMatchObject({
      name: 'small',
      arrays: [
        {
          name: 'array1',
          portals: [{ listen: { host: '127.0.0.1', port: 3260 }, group: 1, announce: undefined }],
          state: '.samewire/array1',
          limits: { sessions: 256, commands: 128, loginTimeoutNanos: 15_000_000_000 },
          negotiation: {
            headerDigest: ['none', 'crc32c'],
            immediateData: true,
            initialR2T: false,
            maxBurstBytes: 1_048_576,
            errorRecoveryLevel: 2,
            time2WaitSeconds: 0,
            time2RetainSeconds: 20,
          },
          targets: [
            {
              access: undefined,
              portals: undefined,
              luns: [
                { lun: 0, sizeBytes: 67_108_864, blockBytes: 512, physicalBlockBytes: 512, thin: false, readOnly: false, removable: false },
              ],
            },
          ],
        },
      ],
    });
  });

  it('reads everything there is', () => {
    const { fabric, problems } = loadFabric(FULL, 'a.yaml');
    expect(problems).toEqual([]);
    const [array] = fabric!.arrays;
    expect(array).toMatchObject({
      portals: [
        { at: ['arrays', 'array1', 'portals', 0], name: undefined, listen: { host: '::1', port: 3260 } },
        { name: 'outside', announce: { host: 'storage.example', port: 13260 }, group: 2 },
      ],
      state: '/var/lib/samewire',
      discoveryChap: { user: 'finder', secret: { kind: 'file', path: 'secrets/finder' } },
      limits: { sessions: 8, commands: 32, loginTimeoutNanos: 500_000_000 },
      negotiation: {
        headerDigest: ['crc32c'],
        dataDigest: ['none', 'crc32c'],
        maxBurstBytes: 2_097_152,
        errorRecoveryLevel: 1,
        time2WaitSeconds: 2,
        time2RetainSeconds: 60,
      },
    });
    expect(array!.targets[0]).toMatchObject({
      alias: 'Disk one',
      portals: [{ text: 'outside' }],
      access: [
        { initiator: 'iqn.1994-05.com.redhat:client1', chap: undefined },
        {
          initiator: 'any',
          chap: { user: 'disk', secret: { kind: 'env', name: 'DISK_SECRET' }, mutual: { user: 'array' }, algorithms: ['sha256', 'md5'] },
        },
      ],
      luns: [{ lun: 7, path: 'a.img', blockBytes: 4096, thin: true, readOnly: true, removable: true, serial: 'X1', vendor: 'ACME' }],
    });
    expect(array!.targets[1]).toMatchObject({ luns: [], redirect: { to: { host: '192.0.2.7', port: undefined }, permanent: true } });
  });

  it.each([
    ['size: 64MiB', 'size: 64M', '8:39 SW-0006 `M` is not a unit of size. Write `64MiB`'],
    ['size: 64MiB', 'size: [1]', "8:39 SW-0005 `size` can't be a list. Write a size"],
    ['size: 64MiB', 'sise: 64MiB', '8:33 SW-0003 There is no key `sise` in item 1 of `luns`. Did you mean `size`?'],
    ['size: 64MiB', 'size: 64MiB, lun: 16384', "8:51 SW-0006 `lun` can't be `16384`. Write a whole number from 0 to 16383."],
    ['size: 64MiB', 'size: 64MiB, lun: 1.5', "8:51 SW-0006 `lun` can't be `1.5`. Write a whole number"],
    ['size: 64MiB', 'size: 64MiB, blockSize: 520', "8:57 SW-0006 `blockSize` can't be `520`. Write `512` or `4096`."],
    ['size: 64MiB', 'size: 64MiB, readOnly: yes', "8:56 SW-0005 `readOnly` can't be `yes`. Write `true` or `false`."],
    ['size: 64MiB', 'size: 64MiB, serial: ü', "8:54 SW-0006 `serial` can't be `ü`. Write 1 to 64 printable"],
    ['store: memory', 'store: ram', "8:25 SW-0006 `store` can't be `ram`. Write `memory` or `file`."],
    [
      '{ store: memory, size: 64MiB }',
      '{ size: 64MiB }',
      '8:16 SW-0004 Item 1 of `luns` has no `store`. Add `store:` with `memory` or `file`.',
    ],
    ['version: 1', 'version: 2', "1:10 SW-0006 `version` can't be `2`. Write `1`."],
    ['version: 1\n', '', '1:1 SW-0004 The fabric has no `version`. Add `version:` with `1`.'],
    ['name: small', 'name: a/b', "2:7 SW-0006 `name` can't be `a/b`. Write a name of letters"],
    ['name: small', 'name:', '2:1 SW-0005 `name` is empty. Write a name'],
    ['arrays:', 'array:', '3:1 SW-0003 There is no key `array` at the top of a fabric. Did you mean `arrays`?'],
    ['array1:', 'array 1:', '4:3 SW-0006 `array 1` is not a good name.'],
    ['[127.0.0.1]', '[]', "5:14 SW-0006 `portals` can't be an empty list. Write a list with at least one portal"],
    ['[127.0.0.1]', '127.0.0.1', "5:14 SW-0005 `portals` can't be `127.0.0.1`. Write a list of portals"],
    [
      '[127.0.0.1]',
      '[127.0.0.1]\n    negotiation: { time2Wait: 500ms }',
      '6:31 SW-0006 `500ms` is out of range. Write whole seconds, `1h` at the most.',
    ],
    ['[127.0.0.1]', '[127.0.0.1]\n    negotiation: { time2Retain: 2h }', '6:33 SW-0006 `2h` is out of range. Write whole seconds'],
    [
      '[127.0.0.1]',
      '[127.0.0.1]\n    negotiation: { errorRecoveryLevel: 3 }',
      "6:40 SW-0006 `errorRecoveryLevel` can't be `3`. Write 0, 1 or 2.",
    ],
    ['[127.0.0.1]', '[5]', "5:15 SW-0005 Item 1 of `portals` can't be `5`. Write an address"],
    [
      'net.example:disk1',
      'net.example:Disk1',
      '7:7 SW-0006 An iSCSI name is written in lower case. Write `iqn.2026-01.net.example:disk1`.',
    ],
    ['[{ store: memory, size: 64MiB }]', '{ x: { store: memory } }', '8:17 SW-0006 `x` is not a logical unit number. Write a whole number'],
    ['[{ store: memory, size: 64MiB }]', '5', "8:15 SW-0005 `luns` can't be `5`. Write a list of LUNs"],
  ])('%s -> %s', (from, to, expected) => {
    const [first, ...more] = problemsOf(changed(from, to));
    expect(first).toContain(expected);
    expect(more).toEqual([]);
  });

  it('knows what other tools call things', () => {
    expect(problemsOf(changed('store: memory', 'backend: memory'))).toEqual([expect.stringContaining('Did you mean `store`?')]);
    expect(problemsOf(changed('store: memory', 'colour: red, store: memory'))).toEqual([
      expect.stringContaining('The keys here are `lun`, `store`'),
    ]);
  });

  it('finds mistakes that hide behind others, and tells each once', () => {
    const text = `version: 1
name: x
arrays:
  Bad Name:
    portals: [nowhere]
    limits: { sessions: 0, loginTimeout: 5 }
    targets:
      NotAName:
        luns:
          - { store: file, blocksize: 1 }
          - { lun: x, store: tape }
        access: [{ initiator: "*", chap: { user: a, pasword: b } }]
more: 1
`;
    expect(problemsOf(text).map((problem) => problem.split(' ').slice(0, 2).join(' '))).toEqual([
      '4:3 SW-0006',
      '5:15 SW-0006',
      '6:25 SW-0006',
      '6:42 SW-0005',
      '8:7 SW-0006',
      '10:28 SW-0003',
      '11:20 SW-0005',
      '11:30 SW-0006',
      '12:31 SW-0006',
      '12:53 SW-0003',
      '13:1 SW-0003',
    ]);
  });

  it('gives no fabric where there are problems, but what is sound for the rules, at its place in the file', () => {
    const { fabric, sound } = loadFabric(
      changed('[{ store: memory, size: 64MiB }]', '[{ store: tape }, { store: memory, size: 1MiB }]'),
      'a.yaml',
    );
    expect(fabric).toBeUndefined();
    expect(sound!.fabric.arrays[0]!.targets[0]!.luns).toMatchObject([{ lun: 1, sizeBytes: 1_048_576 }]);
    expect(sound!.fabric.arrays[0]!.targets[0]!.luns[0]!.at.at(-1)).toBe(1);
  });
});

const withSecret = (secret: string): string =>
  `${SMALL}        access:\n          - { initiator: any, chap: { user: disk, secret: ${secret} } }\n`;

describe('secrets', () => {
  it.each([
    ['hunter2hunter2', 'SW-0007'],
    ['"hunter2hunter2"', 'SW-0007'],
    ['1234567890123', 'SW-0007'],
    ['{ env: "hunter2 hunter2" }', 'SW-0006'],
    ['{ env: A, hunter2: hunter2 }', 'SW-0003'],
    ['[hunter2]', 'SW-0005'],
    ['{ env: A, file: hunter2 }', 'SW-0006'],
    ['{}', 'SW-0006'],
  ])('%s is refused and not repeated', (secret, rule) => {
    const { problems } = loadFabric(withSecret(secret), 'a.yaml');
    expect(problems.map((problem) => problem.rule)).toEqual([rule]);
    expect(JSON.stringify(problems)).not.toMatch(/message":"[^"]*(hunter2|1234567)/);
    expect(problems[0]).toHaveProperty('secret');
  });

  it('says where they belong', () => {
    expect(problemsOf(withSecret('hunter2hunter2'))).toEqual([
      expect.stringMatching(/A secret doesn't belong.*\{ env: NAME \}.*\{ file: PATH \}/),
    ]);
  });
});

describe('from code', () => {
  it('throws everything that is wrong', () => {
    expect(parseFabric(SMALL, 'a.yaml').name).toBe('small');
    const parse = (): unknown => parseFabric(SMALL.replace('64MiB', '64M').replace('memory', 'tape'), 'a.yaml');
    expect(parse).toThrow(ConfigError);
    expect(parse).toThrow(/a\.yaml:8:25: .*`tape`[^]*a\.yaml:8:37: .*luns\[0\]\.size: `M`/);
  });

  it('checks values too, and says which by path', () => {
    const { problems } = loadDeclaration(
      {
        version: 1,
        name: 'x',
        arrays: { a: { portals: ['127.0.0.1:0'], targets: { 'iqn.2026-01.net.example:a': { luns: [{ store: 'memory', size: '1X' }] } } } },
      },
      'code',
    );
    expect(problems).toMatchObject([{ file: 'code', where: 'arrays.a.targets["iqn.2026-01.net.example:a"].luns[0].size', line: 1 }]);
  });
});
