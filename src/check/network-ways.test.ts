/** What the rules say of who reaches whom: portals, hosts and publications inside of the fabric's network and outside. */
import { describe, expect, it } from 'vitest';
import { checkText } from './check-fabric.ts';
import { EXAMPLE_HOST, EXAMPLE_TARGET, fabricExample } from './example.ts';

interface Parts {
  readonly portals?: string;
  readonly arrayNics?: string;
  readonly hostNics?: string;
  readonly host?: string;
  readonly adapter?: string;
  readonly more?: string;
}

const IN_ARRAY = 'eth0: { addresses: [192.0.2.20/24] }';
const IN_HOST = 'nic0: { addresses: [192.0.2.11/24] }';

const problemsOf = ({
  portals = '"192.0.2.20:3260"',
  arrayNics = IN_ARRAY,
  hostNics = IN_HOST,
  host = '',
  adapter = 'alias: a',
  more = '',
}: Parts) =>
  checkText(
    fabricExample(`arrays:
  array1:
    nics: { ${arrayNics} }
    portals: [${portals}]
    targets: { ${EXAMPLE_TARGET}: { luns: [{ store: memory, size: 1MiB }], access: [${EXAMPLE_HOST}] } }
hosts:
  esx1:
    nics: { ${hostNics} }
    ${host}
    iscsi: { vmhba64: { initiator: ${EXAMPLE_HOST}, ${adapter} } }
${more}`),
    'x.yaml',
  ).problems.filter(({ rule }) => rule !== 'SW-1037');

const found = (parts: Parts): string[] => problemsOf(parts).map(({ rule, message, remedy }) => `${rule} ${message} ${remedy}`);

const inside = (server: string, parts: Parts = {}): string[] => found({ ...parts, adapter: `discovery: ["${server}"]` });

describe('a host in the network of the fabric', () => {
  it('reaches portals there', () => {
    expect(inside('array1')).toEqual([]);
    expect(inside('192.0.2.20')).toEqual([]);
    // Something else than an array: a machine that is plugged in.
    expect(inside('192.0.2.99', { more: 'switches: { tor1: { ports: { 1: { attach: { tap: vm1 } } } } }' })).toEqual([]);
    expect(inside('192.0.2.99')).toEqual([expect.stringContaining('SW-1224')]);
  });

  it('reaches none elsewhere', () => {
    const both = { portals: '{ name: out, listen: "127.0.0.1:3260" }, { name: in, listen: "192.0.2.20:3260" }' };
    expect(inside('array1/out', both)).toEqual([
      'SW-1052 `esx1` is in the network of the fabric, and `array1/out` listens on the machine that Samewire runs on. Write `array1/in`.',
    ]);
    expect(inside('array1/in', both)).toEqual([]);
    expect(inside('127.0.0.1', both)).toEqual([
      'SW-1052 `esx1` is in the network of the fabric, and `127.0.0.1` listens on the machine that Samewire runs on. Write `array1/in`.',
    ]);
    expect(inside('array1', { portals: '"127.0.0.1:3260"', arrayNics: '' })).toEqual([
      'SW-1052 `esx1` is in the network of the fabric, and `array1` listens on the machine that Samewire runs on. Let a portal of `array1` listen on an address of its own `nics`.',
    ]);
    expect(inside('127.0.0.9')).toEqual([
      'SW-1052 `127.0.0.9` is `esx1` itself, and nothing listens there. Write the address of an array.',
    ]);
  });

  it('knows no names', () =>
    expect(inside('storage.example')).toEqual([
      'SW-1052 `storage.example` is a name, and there is no name server in the network of the fabric. Write an address, or the name of an array.',
    ]));

  it('has to have a way', () => {
    const far = { hostNics: 'nic0: { addresses: [198.51.100.11/24] }' };
    const message =
      'SW-1052 `esx1` has no address in the network of `192.0.2.20`, and no route there. Add an address of that network to `nics`, or a route.';
    expect(inside('array1', far)).toEqual([message]);
    expect(inside('192.0.2.20', far)).toEqual([message]);
    expect(inside('array1', { ...far, host: 'routes: [{ to: 192.0.2.0/24, via: 198.51.100.1 }]' })).toEqual([]);
    expect(inside('array1', { hostNics: 'nic0: { dhcp: true }' })).toEqual([]);
  });

  it('is told which address is meant where an array listens on all', () =>
    expect(inside('array1', { portals: '"0.0.0.0:3261"' })).toEqual([
      'SW-1052 `array1` listens on every address of the array: it is not said which is meant. Write `192.0.2.20:3261`.',
    ]));

  it('connects from its own addresses', () => {
    expect(found({ adapter: 'discovery: [array1], bind: [192.0.2.12]' })).toEqual([
      'SW-1052 `192.0.2.12` is no address of `esx1`: nothing can be sent from there. Write an address of its `nics`, or leave `bind` out.',
    ]);
    expect(found({ adapter: 'discovery: [array1], bind: [192.0.2.11]' })).toEqual([]);
  });

  it('is looked at target by target, with places', () => {
    const [problem, ...more] = problemsOf({
      portals: '{ name: in, listen: "192.0.2.20:3260" }, { name: out, listen: "127.0.0.1:3260" }',
      adapter: `discovery: [array1], targets: [{ name: ${EXAMPLE_TARGET}, address: array1/out }]`,
    });
    expect(more).toEqual([]);
    expect(problem).toMatchObject({
      rule: 'SW-1052',
      where: 'hosts.esx1.iscsi.vmhba64.targets[0].address',
      line: 12,
      related: [{ line: 6, message: 'the portal' }],
    });
  });
});

const outside = (server: string, portals?: string): string[] =>
  found({ hostNics: '', adapter: `discovery: ["${server}"]`, ...(portals === undefined ? {} : { portals }) });

describe('a host without a network of its own', () => {
  it('reaches no portal inside of the fabric', () => {
    expect(outside('array1')).toEqual([
      'SW-1052 `array1` is in the network of the fabric, and `esx1` is not: it has no `nics`. Give `esx1` `nics` and a link, or write the address of a `publish`.',
    ]);
    expect(outside('array1', '"192.0.2.20:3260", "127.0.0.1:3260"')).toEqual([
      'SW-1052 `array1` is in the network of the fabric, and `esx1` is not: it has no `nics`. Write `127.0.0.1:3260`.',
    ]);
  });

  it('reaches those outside, and whatever is announced', () => {
    expect(outside('127.0.0.1', '"192.0.2.20:3260", "127.0.0.1:3260"')).toEqual([]);
    expect(outside('storage.example')).toEqual([]);
    expect(outside('127.0.0.1:3999', '{ listen: "192.0.2.20:3260", announce: "127.0.0.1:3999" }')).toEqual([]);
  });
});

it('an array with a network of its own listens there, or on loopback', () => {
  const listens = (portal: string): string[] => problemsOf({ portals: portal }).map(({ rule }) => rule);
  expect(listens('"198.51.100.1:3260"')).toEqual(['SW-1051']);
  expect(listens('"0.0.0.0:3260"')).toEqual([]);
  expect(listens('"[::1]:3260"')).toEqual([]);
  expect(problemsOf({ portals: '"198.51.100.1:3260"', arrayNics: '' })).toEqual([]);
});

const published = (line: string, parts: Parts = {}): string[] =>
  problemsOf({ ...parts, host: `publish: ${line}` }).map(({ rule, message }) => `${rule} ${message}`);

describe('what is published', () => {
  it.each([
    ['127.0.0.1:3260 -> array1:3260', []],
    ['127.0.0.1:3260 -> 192.0.2.77:22', []],
    ['127.0.0.1:3260 -> arary1:3260', ['SW-1053 There is no host or array `arary1`.']],
    ['127.0.0.1:3260 -> array1:3261', ['SW-1053 `array1` has no portal on port 3261 in the network of the fabric.']],
    ['127.0.0.1:3260 -> 198.51.100.7:22', ['SW-1053 `esx1` has no address in the network of `198.51.100.7`, and no route there.']],
    [
      '["127.0.0.1:3260 -> array1:3260", "0.0.0.0:3260 -> array1:3260", "127.0.0.1:3261 -> array1:3260", "127.0.0.1:0 -> array1:3260"]',
      ['SW-1002 `0.0.0.0:3260` is taken by another publication.'],
    ],
  ])('%s', (line, problems) => expect(published(line)).toEqual(problems));

  it('comes from a host in the network, and leads to a node with an address', () => {
    expect(published('127.0.0.1:3260 -> array1:3260', { hostNics: '' })).toEqual([
      'SW-1053 `esx1` is not in the network of the fabric: it has no `nics`.',
    ]);
    expect(published('127.0.0.1:22 -> esx2:22', { more: '  esx2: { nics: { nic0: { dhcp: true } } }' })).toEqual([
      'SW-1053 `esx2` has no address that is known beforehand.',
    ]);
    expect(published('127.0.0.1:22 -> tor1:22', { more: 'switches: { tor1: {} }' })).toEqual([
      'SW-1053 `tor1` is a switch: it has no services.',
    ]);
  });

  it('takes a port that no portal on this machine has', () => {
    const portals = { portals: '"192.0.2.20:3260", "127.0.0.1:3260"' };
    expect(published('127.0.0.1:3260 -> array1:3260', portals)).toEqual(['SW-1002 `127.0.0.1:3260` is taken by a portal.']);
    // The array's own port 3260 is none of this machine.
    expect(published('0.0.0.0:3260 -> array1:3260')).toEqual([]);
  });
});

const array = (name: string, last: number): string =>
  `  ${name}: { nics: { e: { addresses: [192.0.2.${last}/24] } }, portals: ["0.0.0.0:3260"], targets: { iqn.2026-01.net.example:${name}: { luns: [{ store: memory, size: 1MiB }], access: [] } } }\n`;

it('arrays with networks of their own may listen on the same port', () => {
  const { problems } = checkText(fabricExample(`arrays:\n${array('a', 1)}${array('b', 2)}`), 'x.yaml');
  expect(problems.map(({ message }) => message)).toEqual([]);
});
