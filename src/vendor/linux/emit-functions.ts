/** Virtual functions: made in sysfs, set by `ip link set ... vf`. */
import type { Emission } from '../core/emission.ts';
import type { PortPlace } from './names.ts';

/** The PCI device of a port, as devlink names it. */
export const devlinkDevice = (name: string): string => `pci/$(basename $(readlink /sys/class/net/${name}/device))`;

export function emitFunctions(emission: Emission, { nic, name }: PortPlace): void {
  const key = ['nics', nic, 'sriov'];
  if (!emission.has(...key)) return;
  const count = emission.take(...key, 'functions');
  if (count !== undefined)
    emission.command(
      `echo ${String(count.value)} > /sys/class/net/${name}/device/sriov_numvfs`,
      count,
      'A number that is not 0 can only be changed by way of 0.',
    );
  for (const number of emission.names(...key, 'each')) {
    const place = [...key, 'each', number];
    const set = `ip link set dev ${name} vf ${number}`;
    const mac = emission.take(...place, 'mac');
    if (mac !== undefined) emission.command(`${set} mac ${String(mac.value)}`, mac);
    const vlan = emission.take(...place, 'vlan');
    const priority = emission.setting(...place, 'priority');
    if (vlan !== undefined) {
      emission.take(...place, 'priority');
      emission.command(`${set} vlan ${String(vlan.value)}${priority === undefined ? '' : ` qos ${String(priority.value)}`}`, vlan);
    } else emission.refuse('A priority goes with a VLAN.', ...place, 'priority');
    for (const [setting, word] of [
      ['spoofCheck', 'spoofchk'],
      ['trust', 'trust'],
    ] as const) {
      const one = emission.take(...place, setting);
      if (one !== undefined) emission.command(`${set} ${word} ${one.value === true ? 'on' : 'off'}`, one);
    }
    const rate = emission.setting(...place, 'maxRate');
    if (rate !== undefined && Number(rate.value) % 1e6 === 0)
      emission.command(`${set} max_tx_rate ${Number(rate.value) / 1e6}`, emission.take(...place, 'maxRate'));
    else emission.refuse('`max_tx_rate` is in whole megabits a second.', ...place, 'maxRate');
    const state = emission.take(...place, 'linkState');
    if (state !== undefined) emission.command(`${set} state ${String(state.value)}`, state);
  }
  const mode = emission.take(...key, 'mode');
  if (mode !== undefined) emission.command(`devlink dev eswitch set ${devlinkDevice(name)} mode ${String(mode.value)}`, mode);
}
