import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseFabric } from './load.ts';
import { onlyChecked } from './only-checked.ts';

const of = (keys: string): readonly string[] => onlyChecked(parseFabric(`version: 1\nname: example\n${keys}\n`, 'x.yaml'));

describe('what is only checked', () => {
  it('is nothing of the examples that run', () => {
    for (const file of ['first', 'chap', 'hosts', 'rack', 'conformance'])
      expect(onlyChecked(parseFabric(readFileSync(`fabrics/${file}.yaml`, 'utf8'), file)), file).toEqual([]);
  });

  it('is told layer by layer', () => {
    expect(of('hosts: { h1: { nics: { a: {}, b: { rdma: roce-v2 } }, teams: { bond0: { nics: [a, b] } } } }')).toEqual(['teams', 'RDMA']);
    expect(of('switches: { s1: { dcb: { pfc: [3] }, aggregations: { 1: { ports: [1, 2] } } } }')).toEqual([
      'aggregations (their links run one by one)',
      'DCB and flow control',
    ]);
    expect(of('vxlan: {}')).toEqual(['VXLAN between hosts']);
  });
});
