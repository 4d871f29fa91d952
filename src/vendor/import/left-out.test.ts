import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadFabric } from '../../fabric/load.ts';
import { declaredNode } from '../core/declared.ts';
import { DIALECTS } from '../dialects.ts';
import { compare } from './compare.ts';
import { fabricText } from './fabric-text.ts';
import { gather } from './gather.ts';

const imported = (text: string, as: string): unknown =>
  parse(
    fabricText(
      gather(
        [{ file: 'x.txt', text, node: 'one', port: undefined }],
        DIALECTS.filter(({ name }) => name === as),
      ),
      'x',
    ),
  );

describe('what devices have by themselves', () => {
  it('is written where a fabric file would say something else: a VLAN with another MTU than its team', () => {
    const commands = `ip link add bond0 mtu 9000 type bond mode 802.3ad
ip link set p1 mtu 9000 master bond0
ip link set p2 mtu 9000 master bond0
ip link add link bond0 name bond0.10 mtu 1500 type vlan id 10
ip link add link bond0 name bond0.30 mtu 9000 type vlan id 30
`;
    expect(imported(commands, 'linux')).toMatchObject({ hosts: { one: { teams: { bond0: { vlans: { 10: { mtu: 1500 } } } } } } });
    expect(JSON.stringify(imported(commands, 'linux'))).not.toMatch(/"30":\{"mtu/);
  });

  it('is written where a fabric file would say something else: ports in no VLAN', () => {
    const running = `; J9729A Configuration Editor; Created on release #WC.16.11
vlan 1
   name "DEFAULT_VLAN"
   no untagged 1-2
   untagged 3
   exit
interface 1
   name "spare"
   exit
`;
    expect(imported(running, 'procurve')).toMatchObject({ switches: { one: { ports: { 1: { tagged: [], description: 'spare' } } } } });
  });
});

describe('names of ProCurve', () => {
  it('are the same in capitals and in small letters', () => {
    const { fabric } = loadFabric(
      'version: 1\nname: x\nswitches: { one: { spanningTree: false, vlans: { 10: {} }, ports: { a3: { vlan: 10 } }, aggregations: { Trk1: { ports: [A1, A2], mode: lacp, vlan: 10 } } } }\n',
      'fabric.yaml',
    );
    const running = `; J9729A Configuration Editor; Created on release #WC.16.11
trunk A1-A2 Trk1 LACP
vlan 10
   untagged A3,Trk1
   exit
`;
    const [node] = gather([{ file: 'x.txt', text: running, node: 'one', port: undefined }], DIALECTS).nodes;
    expect(compare(declaredNode(fabric!, 'one')!, node!.sources[0]!)).toEqual([]);
    const other = gather([{ file: 'x.txt', text: running.replace('A3,Trk1', 'A3'), node: 'one', port: undefined }], DIALECTS).nodes[0]!;
    expect(compare(declaredNode(fabric!, 'one')!, other.sources[0]!).map(({ key }) => key)).toEqual(['aggregations.trk1.untagged']);
  });
});
