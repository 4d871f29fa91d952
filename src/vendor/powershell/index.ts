/**
 * Windows Server 2012 R2, 2016, 2019 and 2022 by PowerShell: the modules DcbQos, NetQos, NetAdapter, NetLbfo, Hyper-V, NetTCPIP, iSCSI and SMB, as
 * Microsoft's reference of Windows PowerShell for Windows Server has them. Per-adapter Data Center Bridging and switches that team their uplinks
 * need 2016 or later; New-NetLbfoTeam is for machines without Hyper-V.
 *
 * Names: an adapter port is called by its alias (`device`, else its name), an interface at a switch `vEthernet (NAME)`, a team by its name and in a
 * VLAN `TEAM - VLAN 20`, a policy by its name. Traffic classes have no numbers on Windows: see classes.ts.
 */
import type { Dialect } from '../core/dialect.ts';
import { emit } from './emit.ts';
import { says } from './keys.ts';
import { adapters, rdma, switches, switchTeams } from './read-adapter-outputs.ts';
import { adapterQos, dcbxSetting, flowControl, policies, trafficClasses } from './read-dcb-outputs.ts';
import { advancedProperties } from './read-properties.ts';
import { script } from './read-script.ts';

export const powershell: Dialect = {
  name: 'powershell',
  product: 'Windows Server 2012 R2, 2016, 2019, 2022',
  source: 'Windows PowerShell reference for Windows Server (Microsoft): DcbQos, NetQos, NetAdapter, NetLbfo, Hyper-V, NetTCPIP, iSCSI',
  kinds: ['host'],
  system: 'windows',
  says,
  emit,
  outputs: [
    script,
    advancedProperties,
    policies,
    flowControl,
    trafficClasses,
    dcbxSetting,
    adapterQos,
    rdma,
    switches,
    switchTeams,
    adapters,
  ],
};
