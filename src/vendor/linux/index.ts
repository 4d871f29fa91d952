/** Linux: iproute2 and its `dcb`, ethtool, and the programs of MLNX_OFED for adapters of Mellanox. */
import type { Dialect } from '../core/dialect.ts';
import { commandList } from './commands.ts';
import { dcbOutputs } from './dcb-json.ts';
import { ethtoolOutputs } from './ethtool.ts';
import { bridgePorts, bridgeVlanList, ipAddresses, ipLinks, ipRoutes, tcQueues } from './ip-json.ts';
import { mlnxQos } from './mlnx-qos.ts';
import { procBonding, procVlan } from './proc-net.ts';
import { emit } from './emit.ts';
import { says } from './says.ts';

export const linux: Dialect = {
  name: 'linux',
  product:
    'Linux 6.1 with iproute2 6.1, ethtool 6.1 and systemd 252 (Debian 12); mlnx_qos and cma_roce_mode of MLNX_OFED for adapters of Mellanox',
  source:
    'Manual pages of iproute2 6.1 (ip-link, bridge, dcb), ethtool 6.1 and systemd 252; NVIDIA MLNX_OFED Documentation, Quality of Service (QoS)',
  kinds: ['host', 'array'],
  system: 'linux',
  says,
  emit,
  outputs: [
    ipAddresses,
    ipLinks,
    ipRoutes,
    bridgeVlanList,
    bridgePorts,
    tcQueues,
    ...dcbOutputs,
    mlnxQos,
    ...ethtoolOutputs,
    procVlan,
    procBonding,
    commandList,
  ],
};
