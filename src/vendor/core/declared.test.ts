import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseFabric } from '../../fabric/load.ts';
import { declaredNode } from './declared.ts';
import { differences } from './diff.ts';
import type { Reading } from './dialect.ts';
import { splitLines } from './lines.ts';
import { keyText, type Setting, valueText } from './setting.ts';

const fabric = parseFabric(
  `version: 1
name: example
hosts:
  lin1:
    os: linux
    dcb: { pfc: [3], willing: false }
    nics:
      p1: { mtu: 9000, dcb: { pfc: true }, rdma: { kind: roce-v2, mtu: 4096 }, vlans: { 2: { addresses: [192.0.2.2/24], egress: { 0: 3 } } } }
switches:
  tor1:
    dcb: { pfc: [3], dcbx: ieee }
    ports:
      1/1: { trunk: [2, 10-12], native: 10, mtu: 9216 }
      1/2: { vlan: 7, dcb: { pfc: false } }
    aggregations: { 1: { ports: [1/3, 1/4], tagged: [2] } }
`,
  'example.yaml',
);

const told = (settings: readonly Setting[]): string[] => settings.map(({ key, value }) => `${keyText(key)} = ${valueText(value)}`);

describe('what a node is declared as', () => {
  it('says of a switch port what it has from the switch, and leaves VLANs of members to the aggregation', () => {
    const settings = told(declaredNode(fabric, 'tor1')!.settings);
    expect(settings).toEqual(
      expect.arrayContaining([
        'vlans.2.present = true',
        'vlans.12.present = true',
        'aggregations.1.ports = [1/3, 1/4]',
        'aggregations.1.tagged = 2',
        'aggregations.1.untagged = none',
        'ports.1/1.untagged = 10',
        'ports.1/1.tagged = 2,11-12',
        'ports.1/1.mtu = 9216',
        'ports.1/1.dcb.pfc = [3]',
        'ports.1/1.dcb.dcbx = ieee',
        'ports.1/2.untagged = 7',
        'ports.1/2.tagged = none',
        'ports.1/2.dcb.pfc = []',
      ]),
    );
    expect(settings.filter((line) => line.startsWith('ports.1/3.'))).not.toContain('ports.1/3.untagged = 1');
  });

  it('says of a host what its ports have from it', () => {
    expect(told(declaredNode(fabric, 'lin1')!.settings)).toEqual(
      expect.arrayContaining([
        'nics.p1.dcb.pfc = [3]',
        'nics.p1.dcb.willing = false',
        'nics.p1.rdma.mtu = 4096',
        'nics.p1.vlans.2.egress.0 = 3',
      ]),
    );
  });

  it('points at the value, or at what has it', () => {
    const settings = declaredNode(fabric, 'tor1')!.settings;
    const of = (text: string) => settings.find(({ key }) => keyText(key) === text)!.from;
    expect(of('ports.1/2.dcb.pfc')).toEqual({ kind: 'declared', at: ['switches', 'tor1', 'ports', '1/2', 'dcb', 'pfc'] });
    expect(of('ports.1/1.dcb.pfc')).toEqual({ kind: 'declared', at: ['switches', 'tor1', 'dcb', 'pfc'] });
  });

  it('is there for every node of the examples', () => {
    for (const file of ['first', 'chap', 'hosts', 'rack']) {
      const one = parseFabric(readFileSync(`fabrics/${file}.yaml`, 'utf8'), file);
      for (const { name } of [...one.hosts, ...one.arrays, ...one.switches])
        expect(declaredNode(one, name)!.settings.length).toBeGreaterThan(0);
    }
  });
});

const found = (settings: readonly [string[], string | number][], holds?: string): Reading => ({
  node: 'tor1',
  kind: 'switch',
  settings: settings.map(([key, value], index) => ({ key, value, from: { kind: 'output', file: 'tor1.txt', line: index + 1 } })),
  unknown: [],
  errors: [],
  covers: (key) => key[0] === 'ports' && (key[2] === 'untagged' || key[2] === 'description'),
  defaultOf: (key) => (key[2] === 'untagged' ? holds : undefined),
});

describe('differences', () => {
  const node = declaredNode(fabric, 'tor1')!;
  const short = (reading: Reading) => differences(node, reading).map(({ kind, key }) => `${kind} ${key}`);

  it('are values that differ, settings that are missing, and ones that nobody declared', () => {
    const reading = found([
      [['ports', '1/1', 'untagged'], 11],
      [['ports', '1/9', 'description'], 'spare'],
    ]);
    expect(short(reading)).toEqual(['differs ports.1/1.untagged', 'missing ports.1/2.untagged', 'undeclared ports.1/9.description']);
  });

  it('are not what the output would not show', () => {
    expect(short({ ...found([]), covers: () => false })).toEqual([]);
  });
});

describe('lines', () => {
  it('keep their numbers and indents, and refuse what is no text', () => {
    expect(splitLines('a\r\n\t b \n').lines.slice(0, 2)).toEqual([
      { number: 1, text: 'a', indent: 0 },
      { number: 2, text: '\t b', indent: 9 },
    ]);
    expect(splitLines('a\n\u0000\u0001').errors).toEqual([{ line: 2, message: expect.stringContaining('control characters') }]);
    expect(splitLines('x'.repeat(9000)).errors[0]?.line).toBe(1);
  });
});
