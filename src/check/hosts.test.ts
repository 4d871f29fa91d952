/** What the rules say of hosts and arrays together, beyond the examples of each. */
import { describe, expect, it } from 'vitest';
import { checkText } from './check-fabric.ts';
import { EXAMPLE_TARGET, exampleArray, hostExample } from './example.ts';

const found = (adapter: string, array?: string): string[] =>
  checkText(hostExample(adapter, array), 'x.yaml').problems.map(({ rule, message }) => `${rule} ${message}`);

const asks = (chap: string): string => exampleArray(`access: [{ initiator: any, chap: { user: a, secret: { env: A }${chap} } }]`);
const gives = (chap: string): string => `discovery: [array1]\nchap: { user: a, secret: { env: A }${chap} }`;
const mutual = (user: string): string => `, mutual: { user: ${user}, secret: { env: B } }`;

describe('CHAP of hosts and arrays', () => {
  it.each([
    [
      'another user',
      asks(''),
      'discovery: [array1]\nchap: { user: b, secret: { env: A } }',
      'knows another CHAP user than the adapter gives',
    ],
    ['no algorithm', asks(', algorithms: [md5]'), gives(', algorithms: [sha256]'), 'have no hash algorithm in common'],
    ['no proof', asks(''), gives(mutual('x')), 'to prove itself, and it has nothing to do so with'],
    ['another proof', asks(mutual('y')), gives(mutual('x')), 'proves itself under another name'],
    ['too much', exampleArray(), gives(', required: true'), 'asks for no CHAP, and the adapter insists on it'],
  ])('%s', (_, array, adapter, message) => {
    expect(found(adapter, array)).toEqual([expect.stringMatching(/^SW-1034 /)]);
    expect(found(adapter, array)[0]).toContain(message);
  });

  it('fit where both say the same, or nobody asks', () => {
    expect(found(gives(mutual('x')), asks(mutual('x')))).toEqual([]);
    expect(found(gives(''), asks(mutual('x')))).toEqual([]);
    expect(found(gives(''), exampleArray())).toEqual([]);
  });

  it('count for discovery too, and there the server has its own', () => {
    const array = exampleArray('', 'discovery: { chap: { user: finder, secret: { env: F } } }\n');
    expect(found('discovery: [array1]', array)).toEqual(['SW-1034 `array1` for discovery asks for CHAP, and the adapter gives none.']);
    expect(found('discovery: [{ server: array1, chap: { user: finder, secret: { env: F } } }]', array)).toEqual([]);
  });

  it('are what a target has of its own, where it has', () => {
    const own = `targets: [{ name: ${EXAMPLE_TARGET}, chap: { user: a, secret: { env: A } } }]`;
    expect(found(`discovery: [array1]\n${own}`, asks(''))).toEqual([]);
  });

  it('use two secrets for two directions', () => {
    const both = 'chap: { user: a, secret: { env: A }, mutual: { user: x, secret: { env: A } } }';
    const array = exampleArray(
      `access: [{ initiator: any, chap: { user: a, secret: { env: A }, mutual: { user: x, secret: { env: B } } } }]`,
    );
    expect(found(`discovery: [array1]\n${both}`, array)).toEqual([
      'SW-1008 The target and the initiator prove themselves with the same secret.',
    ]);
  });
});

describe('where hosts connect', () => {
  it('is looked at by the family of the portal meant', () => {
    const array = `portals: [{ name: six, listen: "[::1]:0" }]\ntargets:\n  ${EXAMPLE_TARGET}:\n    luns: [{ store: memory, size: 64MiB }]`;
    expect(found('bind: [127.0.0.1]\ndiscovery: [array1/six]', array)).toEqual([
      'SW-1032 `array1/six` is reached by IPv6, and the adapter has no IPv6 address.',
    ]);
    expect(found('bind: ["::1"]\ndiscovery: [array1/six]', array)).toEqual([]);
    expect(found('bind: ["::1"]\ndiscovery: [storage.example]', array)).toEqual([]);
  });

  it('may be outside of the fabric', () => expect(found('discovery: ["192.0.2.9", storage.example]')).toEqual([]));

  it('is no mistake where an array listens everywhere', () => {
    const array = `portals: ["0.0.0.0:3261"]\ntargets:\n  ${EXAMPLE_TARGET}:\n    luns: [{ store: memory, size: 64MiB }]\n    access: [iqn.1998-01.com.vmware:esx1]`;
    expect(found('discovery: ["192.0.2.9:3261"]', array)).toEqual([]);
  });

  it('is a portal that the target is reached through', () => {
    const array = `portals: [{ name: left, listen: "127.0.0.1:0" }, { name: right, listen: "127.0.0.1:0", group: 2 }]\ntargets:\n  ${EXAMPLE_TARGET}:\n    portals: [left]\n    luns: [{ store: memory, size: 64MiB }]`;
    expect(found(`targets: [{ name: ${EXAMPLE_TARGET}, address: array1/right }]`, array)).toEqual([
      `SW-1031 \`${EXAMPLE_TARGET}\` is not reached through this portal of \`array1\`.`,
    ]);
    expect(found(`targets: [{ name: ${EXAMPLE_TARGET}, address: array1/left }]`, array)).toEqual([]);
  });

  it('is named by an array that exists', () => {
    expect(found('discovery: [arary1/x]')).toEqual(['SW-1029 There is no array `arary1`.']);
    // What is no array may be a machine.
    expect(found('discovery: [arary1]')).toEqual([]);
  });
});

describe('what hosts offer', () => {
  it('is compared for each target with what holds there', () => {
    const array = exampleArray('', 'negotiation: { headerDigest: [crc32c] }\n');
    const without = 'discovery: [{ server: array1, settings: { headerDigest: [none] } }]';
    expect(found(without, array)).toEqual([
      expect.stringMatching(/^SW-1033 .*offers `\[none\]` for `headerDigest`.*agrees to `\[crc32c\]` only/),
    ]);
    expect(found(`${without}\ntargets: [{ name: ${EXAMPLE_TARGET}, settings: { headerDigest: [crc32c] } }]`, array)).toEqual([]);
  });

  it('has bursts that fit, also where only one is said', () => {
    expect(found('discovery: [{ server: array1, settings: { maxBurst: 64KiB } }]')).toEqual([
      'SW-1036 A first burst of 256KiB is longer than the longest burst, 64KiB.',
    ]);
  });

  it('is told once where a target has moved elsewhere', () => {
    const array = exampleArray('redirect: 192.0.2.9\naccess: [{ initiator: any, chap: { user: a, secret: { env: A } } }]');
    expect(found('discovery: [array1]', array)).toEqual([]);
  });
});

it('a host that discovers targets of which none lets it in is told so', () =>
  expect(found('discovery: [array1]', exampleArray('access: [iqn.1998-01.com.vmware:esx9]'))).toEqual([
    'SW-1035 No target of `array1` lets `iqn.1998-01.com.vmware:esx1` in: there is nothing to discover.',
  ]));
