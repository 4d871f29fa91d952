import { describe, expect, it } from 'vitest';
import type { Setting, SettingValue } from '../core/setting.ts';
import { declare } from './declare.ts';

const settings = (values: Readonly<Record<string, SettingValue>>): Setting[] =>
  Object.entries(values).map(([key, value]) => ({ key: key.split('/'), value, from: { kind: 'output', file: 'lin1.json', line: 1 } }));
const plain = (tree: unknown): unknown => JSON.parse(JSON.stringify(tree));

describe('bridges of Linux', () => {
  it('have a port group for each VLAN that their ports carry, and for each that an interface names', () => {
    const tree = declare(
      'host',
      settings({
        'virtualSwitches/br0/kind': 'bridge',
        'virtualSwitches/br0/carried/bond0/untagged': 1,
        'virtualSwitches/br0/carried/bond0/tagged': '20,30-31',
        'virtualNics/st0/virtualSwitch': 'br0',
        'virtualNics/st0/portGroup': 'storage',
        'virtualNics/st0/vlan': 20,
        'virtualNics/mgmt0/virtualSwitch': 'br0',
        'virtualNics/mgmt0/portGroup': 'office',
      }),
      'linux',
    );
    expect(plain(tree)).toEqual({
      os: 'linux',
      virtualSwitches: {
        br0: { kind: 'bridge', portGroups: { storage: { vlan: 20 }, office: { vlan: 0 }, vlan30: { vlan: 30 }, vlan31: { vlan: 31 } } },
      },
      virtualNics: { st0: { portGroup: 'storage' }, mgmt0: { portGroup: 'office' } },
    });
  });

  it('have one trunk for very many', () => {
    const tree = declare(
      'host',
      settings({ 'virtualSwitches/br0/kind': 'bridge', 'virtualSwitches/br0/carried/p1/tagged': '2-4094' }),
      'linux',
    );
    expect(plain(tree)).toMatchObject({ virtualSwitches: { br0: { portGroups: { guests: { trunk: ['2-4094'] } } } } });
  });
});
