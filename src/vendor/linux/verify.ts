/** Commands that show whether it took effect, with what they should print: in the words of iproute2 6.1, of the kernel, and of MLNX_OFED's tools. */
import type { Emission } from '../core/emission.ts';
import type { PortPlace } from './names.ts';

export function verifications(emission: Emission, ports: readonly PortPlace[]): void {
  const texts = emission.commands.map(({ text }) => text);
  const make = (pattern: RegExp, show: (match: RegExpExecArray) => void): void => {
    for (const text of texts) {
      const match = pattern.exec(text);
      if (match !== null) show(match);
    }
  };
  for (const { nic, name } of ports) {
    const mtu = emission.peek('nics', nic, 'mtu');
    if (texts.some((text) => text === `ip link set dev ${name} mtu ${String(mtu)}`))
      emission.verify(`ip link show dev ${name}`, `mtu ${String(mtu)}`);
  }
  make(/^ip link add name (\S+) mtu (\d+) .*type bond mode (\S+)/, ([, name, mtu, mode]) =>
    emission.verify(`ip -d link show dev ${name}`, `mtu ${mtu}`, `bond mode ${mode}`),
  );
  make(/^ip link set dev (\S+) master (\S+)$/, ([, name, master]) => emission.verify(`ip link show dev ${name}`, `master ${master}`));
  make(/^ip link add link (\S+) name (\S+) .*type vlan id (\d+)(?: egress-qos-map ([\d: ]+))?/, ([, on, name, vlan, egress]) => {
    emission.verify(`ip -d link show dev ${name}`, `${name}@${on}`, `vlan protocol 802.1Q id ${vlan}`);
    const maps = (egress ?? '')
      .trim()
      .split(' ')
      .filter((map) => map !== '' && !map.endsWith(':0'));
    if (maps.length > 0)
      emission.verify(`cat /proc/net/vlan/${name}`, `VID: ${vlan}`, 'EGRESS priority mappings:', ...maps.toSorted(bySocketPriority));
  });
  make(/^bridge vlan add dev (\S+) vid (\d+)(?:-\d+)?( self)?$/, ([, name, vlan]) =>
    emission.verify(`bridge vlan show dev ${name}`, vlan!),
  );
  make(/^ip address add (\S+) dev (\S+)$/, ([, address, name]) => emission.verify(`ip address show dev ${name}`, address!));
  make(/^ip (-6 )?route add (\S+) via (\S+)$/, ([, six, to, via]) => emission.verify(`ip ${six ?? ''}route show ${to}`, `via ${via}`));
  make(/^mlnx_qos -i (\S+) --pfc (\S+)$/, ([, name, pfc]) =>
    emission.verify(`mlnx_qos -i ${name}`, 'PFC configuration:', `enabled     ${pfc!.split(',').join('   ')}`),
  );
  make(/^dcb pfc set dev (\S+) prio-pfc all:off(.*)$/, ([, name, on]) =>
    emission.verify(`dcb pfc show dev ${name} prio-pfc`, 'prio-pfc', ...on!.trim().split(' ').filter(Boolean)),
  );
  make(/^dcb dcbx set dev (\S+) (.+)$/, ([, name, flags]) => emission.verify(`dcb dcbx show dev ${name}`, ...flags!.split(' ')));
  make(/^ethtool -A (\S+) autoneg (\S+) rx (\S+) tx (\S+)$/, ([, name, , receive, send]) =>
    emission.verify(`ethtool -a ${name}`, 'RX:', receive!, 'TX:', send!),
  );
}

const bySocketPriority = (one: string, other: string): number => Number(one.split(':')[0]) - Number(other.split(':')[0]);
