/** Texts that no device prints: each is read, or refused with a sentence, and none takes steps that grow with the square of its lines. */
import { describe, expect, it } from 'vitest';
import { DIALECTS } from '../dialects.ts';
import { fabricText } from './fabric-text.ts';
import { gather } from './gather.ts';

const read = (text: string) => gather([{ file: 'x.txt', text, node: 'x', port: undefined }], DIALECTS);
const repeated = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');

describe('large texts', () => {
  it('in JSON have as many objects as fit', () => {
    const { nodes, mistakes } = read(
      `[${repeated(150_000, (index) => `{"dst":"10.${index >> 16}.${(index >> 8) & 255}.0/24"},`)}{"dst":"default"}]`,
    );
    expect([nodes.length, mistakes.length]).toEqual([1, 0]);
  });

  it('have members without end of every kind', () => {
    const texts = [
      repeated(6000, (index) => `ip link add bond${index} type bond mode 802.3ad\nip link set p${index} master bond${index}`),
      repeated(12_000, (index) => `ip address add 10.${index >> 16}.${(index >> 8) & 255}.${index & 255}/24 dev p1`),
      repeated(12_000, (index) => `ip link set p1.5 type vlan egress ${index}:3`),
      repeated(12_000, (index) => `esxcfg-vmknic -a -i 10.0.${index >> 8}.${index & 255} -n 255.255.255.0 group`),
      repeated(12_000, (index) => `esxcfg-vswitch -L vmnic${index} vSwitch0`),
      `interface Ethernet1/1\n  switchport mode trunk\n${repeated(12_000, (index) => `  switchport trunk allowed vlan add ${(index % 4094) + 1}`)}`,
      repeated(
        4000,
        (index) =>
          `# BEGIN RECORD 2.1.8\nnode.name = iqn.2003-01.org.x:t${index}\niface.iscsi_ifacename = if${index}\nnode.conn[0].address = 10.0.0.1\n# END RECORD`,
      ),
    ];
    for (const text of texts) {
      const gathered = read(text);
      expect(gathered.nodes, text.slice(0, 100)).toHaveLength(1);
      expect(fabricText(gathered, 'x')).toContain('version: 1');
    }
  });

  it('that look like a product and can not be read say what is wrong with them', () => {
    const [mistake] = read(`## Running database "initial"\n${repeated(200, () => 'vlan 1-4094')}`).mistakes;
    expect(mistake).toMatchObject({ message: expect.stringContaining('more settings than any device has') });
  });
});
