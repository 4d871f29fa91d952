/**
 * RDMA of a port: which RoCE its connection manager speaks, and the traffic class of its packets. `cma_roce_mode` and `cma_roce_tos` of MLNX_OFED are
 * for what the kernel has in configfs (Documentation/ABI/testing/configfs-rdma_cm).
 */
import type { Emission } from '../core/emission.ts';
import type { PortPlace } from './names.ts';
import { devlinkDevice } from './emit-functions.ts';

/** The RDMA device of a port. */
const deviceOf = (name: string): string => `$(ls /sys/class/net/${name}/device/infiniband)`;
const MODES: Readonly<Record<string, readonly [mode: number, name: string]>> = { 'roce-v1': [1, 'IB/RoCE v1'], 'roce-v2': [2, 'RoCE v2'] };

export function emitRdma(emission: Emission, { nic, name, isMellanox }: PortPlace): void {
  const key = ['nics', nic, 'rdma'];
  const kind = emission.setting(...key, 'kind');
  if (kind === undefined) return;
  const mode = MODES[String(kind.value)];
  if (mode === undefined) return emission.refuseAll('The adapter and its driver decide it: there is nothing to type.', ...key);
  const device = deviceOf(name);
  const settings = `/sys/kernel/config/rdma_cm/${device}`;
  emission.take(...key, 'kind');
  if (isMellanox) emission.command(`cma_roce_mode -d ${device} -p 1 -m ${mode[0]}`, kind);
  else {
    emission.command(`mkdir -p ${settings}`, kind);
    emission.command(`echo '${mode[1]}' > ${settings}/ports/1/default_roce_mode`, kind);
  }
  const enabled = emission.setting(...key, 'enabled');
  if (enabled !== undefined && isMellanox)
    emission.command(
      `devlink dev param set ${devlinkDevice(name)} name enable_roce value ${String(enabled.value)} cmode driverinit`,
      emission.take(...key, 'enabled'),
      `Takes effect with \`devlink dev reload ${devlinkDevice(name)}\`, which takes the port down.`,
    );
  else emission.refuse('Drivers have no common switch for it.', ...key, 'enabled');
  const ecn = emission.setting(...key, 'ecn');
  const priority = emission.peek(...key, 'priority');
  const dscp = emission.take(...key, 'dscp');
  if (dscp !== undefined) {
    // The two bits below the DSCP: 2 is ECT(0), so that switches mark instead of drop (RFC 3168 §5).
    const trafficClass = Number(dscp.value) * 4 + (ecn?.value === false ? 0 : 2);
    if (isMellanox) {
      emission.command(`cma_roce_tos -d ${device} -t ${trafficClass}`, dscp);
      emission.command(`echo ${trafficClass} > /sys/class/infiniband/${device}/tc/1/traffic_class`, dscp);
    } else emission.command(`echo ${trafficClass} > ${settings}/ports/1/default_roce_tos`, dscp);
  }
  if (ecn !== undefined && isMellanox && priority !== undefined) {
    const value = ecn.value === true ? 1 : 0;
    emission.take(...key, 'ecn');
    for (const role of ['roce_np', 'roce_rp'])
      emission.command(`echo ${value} > /sys/class/net/${name}/ecn/${role}/enable/${String(priority)}`, ecn);
  } else emission.refuse('It is set by priority (`rdma.priority`), and only for adapters of Mellanox.', ...key, 'ecn');
  emission.refuse('Tags of RoCE come from the `egress` map of a VLAN and its DSCP.', ...key, 'priority');
  emission.refuse('RoCE takes the largest path MTU that fits the MTU of the port.', ...key, 'mtu');
}
