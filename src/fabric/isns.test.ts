import { describe, expect, it } from 'vitest';
import { loadFabric, parseFabric } from './load.ts';
import { planArrays } from './plan.ts';

const fabric = (isns: string, targets = '{ iqn.2026-01.net.example:disk1: {}, iqn.2026-01.net.example:disk2: {} }'): string => `version: 1
name: x
arrays:
  array1:
    isns: ${isns}
    portals: ["127.0.0.1:3260"]
    targets: ${targets}
`;

const planOf = (text: string) => planArrays(parseFabric(text, 'x.yaml'), 'x.yaml')[0]!.isns;
const problemOf = (isns: string): string => {
  const [problem] = loadFabric(fabric(isns), 'x.yaml').problems;
  return `${problem!.line}: ${problem!.message} ${problem!.remedy}`;
};

describe('isns of an array', () => {
  it('is an address, with the port of RFC 4171 and the name of the first target where nothing else is said', () => {
    expect(planOf(fabric('192.0.2.5'))).toEqual({
      server: { host: '192.0.2.5', port: 3205 },
      entity: 'iqn.2026-01.net.example:disk1',
      periodSeconds: undefined,
      inquirySeconds: undefined,
    });
    expect(planOf(fabric('"[2001:db8::5]:3300"'))!.server).toEqual({ host: '2001:db8::5', port: 3300 });
  });

  it('is a mapping', () => {
    expect(planOf(fabric('{ server: isns.example, entity: rack7.example, period: 10m, inquiry: 90s }'))).toEqual({
      server: { host: 'isns.example', port: 3205 },
      entity: 'rack7.example',
      periodSeconds: 600,
      inquirySeconds: 90,
    });
  });

  it('is nothing where it is not written, and where there is no target', () => {
    expect(planOf(fabric('192.0.2.5').replace(/ +isns: .*\n/, ''))).toBeUndefined();
    expect(planOf(fabric('192.0.2.5', '{}'))).toBeUndefined();
  });

  it.each([
    ['7', "5: `isns` can't be `7`. Write the address of an iSNS server such as `192.0.2.5`, or a mapping with `server`."],
    ['0.0.0.0', '5: Nobody can connect to `0.0.0.0`. Write the address of the iSNS server, such as `192.0.2.5` or `isns.example:3205`.'],
    ['{ entity: a }', '5: `isns` has no `server`. Add `server:` with the address of an iSNS server such as `192.0.2.5`.'],
    ['{ server: 192.0.2.5, period: 1500ms }', '5: `1500ms` is no number of whole seconds. Write a time such as `1s`, `90s` or `10m`.'],
    ['{ server: 192.0.2.5, inquiry: 0s }', '5: `0s` is no number of whole seconds. Write a time such as `1s`, `90s` or `10m`.'],
    [
      '{ server: 192.0.2.5, entity: "isns:1" }',
      '5: Identifiers that begin with `isns:` are made by the server. Write another, such as the name of the machine.',
    ],
    [`{ server: 192.0.2.5, entity: ${'é'.repeat(128)} }`, '5: This is too long for an entity identifier. Write a text of 1 to 255 bytes.'],
  ])('can not be %s', (isns, said) => expect(problemOf(isns)).toBe(said));
});
