/**
 * VMware ESXi 6.7 and 7.0 by its own shell: `esxcli`, and the older `esxcfg-vswitch`, `esxcfg-vmknic`, `esxcfg-module` where somebody typed
 * or printed them. Written for "ESXCLI Concepts and Examples" and "ESXCLI Reference" (VMware vSphere 6.7 and 7.0).
 *
 * Names: adapter ports are `vmnic0`, interfaces `vmk0`, iSCSI adapters `vmhba64`, as the host calls them; `device` of a port goes before its name.
 */
import type { Dialect } from '../core/dialect.ts';
import { emit } from './emit.ts';
import { says } from './keys.ts';
import { commands } from './read-commands.ts';
import { interfaceList, standardSwitchList, vmknicList, vswitchList } from './read-switches.ts';
import {
  addressList,
  iscsiAdapterList,
  iscsiParameters,
  moduleOptions,
  moduleParameters,
  nicList,
  pauseList,
  portGroupList,
  sendTargetList,
  staticTargetList,
} from './read-tables.ts';

export const esxcli: Dialect = {
  name: 'esxcli',
  product: 'VMware ESXi 6.7, 7.0',
  source: 'ESXCLI Concepts and Examples; ESXCLI Reference (VMware vSphere 6.7, 7.0)',
  kinds: ['host'],
  system: 'esxi',
  says,
  emit,
  outputs: [
    commands,
    vswitchList,
    standardSwitchList,
    portGroupList,
    interfaceList,
    addressList,
    vmknicList,
    nicList,
    pauseList,
    iscsiAdapterList,
    iscsiParameters,
    sendTargetList,
    staticTargetList,
    moduleParameters,
    moduleOptions,
  ],
};
