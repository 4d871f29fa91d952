import { describe, expect, it } from 'vitest';
import type { Reading } from '../core/dialect.ts';
import { keyText } from '../core/setting.ts';
import { readRunningConfig as readIos } from '../ios/read-running.ts';
import { readRunningConfig as readNxos } from '../nxos/read-running.ts';
import { readRunningConfig as readOnyx } from '../onyx/read-running.ts';

const context = { file: 'tor1.txt', port: undefined };
const said = ({ settings }: Reading): Record<string, unknown> =>
  Object.fromEntries(settings.map(({ key, value }) => [keyText(key), value]));

describe('what a line says that was not understood', () => {
  it('is not taken for what holds without it: NX-OS as a blog about UCS and ESXi printed it', () => {
    const reading = readNxos(
      `interface port-channel2
  description fi01:po1
  switchport mode trunk
  switchport trunk allowed vlan <truncated, long list>
interface Ethernet1/29
  switchport access vlan 60
`,
      context,
    );
    expect(reading.unknown).toMatchObject([{ line: 4 }]);
    expect(said(reading)).toMatchObject({ 'ports.1/29.untagged': 60 });
    expect(Object.keys(said(reading))).not.toContain('aggregations.2.tagged');
    expect(reading.covers(['aggregations', '2', 'tagged'])).toBe(false);
    expect(reading.covers(['ports', '1/29', 'tagged'])).toBe(true);
  });

  it('is neither VLAN 1 nor 1500 bytes', () => {
    const ios = readIos('interface GigabitEthernet1/0/1\n switchport access vlan name STORAGE\n mtu huge\n', context);
    expect(said(ios)).toEqual({});
    expect(ios.covers(['ports', 'GigabitEthernet1/0/1', 'untagged'])).toBe(false);
    expect(ios.covers(['ports', 'GigabitEthernet1/0/1', 'mtu'])).toBe(false);
    const onyx = readOnyx(
      'interface ethernet 1/1 switchport mode dot1q-tunnel\ninterface ethernet 1/1 dcb priority-flow-control mode auto\n   vlan 7\n',
      context,
    );
    expect(onyx.covers(['ports', '1/1', 'tagged'])).toBe(false);
    expect(onyx.covers(['ports', '1/1', 'dcb', 'pfc'])).toBe(false);
  });

  it('does not keep the rest of a port from being read', () => {
    const reading = readNxos('interface Ethernet1/1\n  switchport block unicast\n  switchport access vlan 7\n', context);
    expect(said(reading)).toMatchObject({ 'ports.1/1.untagged': 7 });
  });
});

describe('logs as guides print them', () => {
  it('have prompts without a name', () => {
    const reading = readOnyx(
      `(config) # interface ethernet 1/13 dcb priority-flow-control mode on force
(config) # vlan 4000
(config) # int mlag-port-channel 1
(config interface mlag-port-channel 1) # mtu 9216 force
(config interface mlag-port-channel 1) # switchport mode hybrid
(config interface mlag-port-channel 1) # switchport hybrid allowed-vlan add 2
`,
      context,
    );
    expect(reading.errors).toEqual([]);
    expect(said(reading)).toMatchObject({ 'vlans.4000.present': true, 'aggregations.1.mtu': 9216, 'aggregations.1.tagged': '2' });
  });

  it('are indented as a whole', () => {
    const reading = readOnyx(
      `    switch > enable
    switch # configure terminal
    switch (config) # vlan 1-3
    switch (config vlan 1-3) # exit
    switch (config) # interface ethernet 1/1 switchport mode hybrid
    switch (config) # interface ethernet 1/1 switchport hybrid allowed-vlan all
`,
      context,
    );
    expect(reading.errors).toEqual([]);
    expect(said(reading)).toMatchObject({ 'vlans.3.present': true, 'ports.1/1.untagged': 1, 'ports.1/1.tagged': '2-4094' });
  });
});

describe('the configuration of a few interfaces', () => {
  it('says nothing of the switch, of other ports, and of which priorities are lossless', () => {
    const nxos = readNxos('interface Ethernet1/21\n  switchport access vlan 7\n  priority-flow-control mode on\n', context);
    expect(said(nxos)).toEqual({ 'ports.1/21.untagged': 7, 'ports.1/21.tagged': 'none' });
    const onyx = readOnyx(
      'interface ethernet 1/21 switchport access vlan 7\ninterface ethernet 1/21 dcb priority-flow-control mode on force\n',
      context,
    );
    expect(said(onyx)).toEqual({ 'ports.1/21.untagged': 7, 'ports.1/21.tagged': 'none' });
    for (const { covers } of [nxos, onyx]) {
      expect(covers(['ports', '1/21', 'mtu'])).toBe(true);
      expect(covers(['ports', '1/21', 'dcb', 'pfc'])).toBe(false);
      expect(covers(['ports', '1/22', 'mtu'])).toBe(false);
      expect(covers(['vlans', '7', 'present'])).toBe(false);
    }
  });

  it('is told from one of the switch: there PFC of ports is none where the switch has none', () => {
    const nxos = readNxos('hostname tor1\ninterface Ethernet1/21\n  priority-flow-control mode on\n', context);
    expect(said(nxos)).toMatchObject({ 'ports.1/21.dcb.pfc': [] });
    const onyx = readOnyx('vlan 7\ninterface ethernet 1/21 dcb priority-flow-control mode on force\n', context);
    expect(said(onyx)).toMatchObject({ 'ports.1/21.dcb.pfc': [] });
    expect(onyx.covers(['ports', '1/22', 'mtu'])).toBe(true);
  });
});
