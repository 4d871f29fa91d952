/** Settings of adapter ports: `ethtool` for what the hardware does, `ip link` for MTU and address. */
import type { Emission } from '../core/emission.ts';
import type { PortPlace } from './names.ts';
import { FEATURES } from './features.ts';

const PAUSE: Readonly<Record<string, string>> = {
  none: 'autoneg off rx off tx off',
  receive: 'autoneg off rx on tx off',
  send: 'autoneg off rx off tx on',
  both: 'autoneg off rx on tx on',
  auto: 'autoneg on rx on tx on',
};

export function emitPortSettings(emission: Emission, { nic, name }: PortPlace): void {
  const key = ['nics', nic];
  const speed = emission.take(...key, 'speed');
  if (speed !== undefined) emission.command(`ethtool -s ${name} speed ${Number(speed.value) / 1e6} duplex full`, speed);
  const pause = emission.take(...key, 'flowControl');
  if (pause !== undefined) emission.command(`ethtool -A ${name} ${PAUSE[String(pause.value)]}`, pause);
  emitOffloads(emission, key, name);
  emission.refuse('Linux counts the MTU without what VXLAN adds: raise the MTU of the port instead.', ...key, 'encapsulationOverhead');
  const mtu = emission.take(...key, 'mtu');
  if (mtu !== undefined) emission.command(`ip link set dev ${name} mtu ${String(mtu.value)}`, mtu);
  const mac = emission.take(...key, 'mac');
  if (mac !== undefined) emission.command(`ip link set dev ${name} address ${String(mac.value)}`, mac);
}

function emitOffloads(emission: Emission, port: readonly string[], name: string): void {
  const key = [...port, 'offloads'];
  for (const { offload, on, off } of FEATURES) {
    const setting = emission.take(...key, offload);
    if (setting !== undefined) emission.command(`ethtool -K ${name} ${setting.value === true ? on : off}`, setting);
  }
  const queues = emission.take(...key, 'receiveQueues');
  if (queues !== undefined)
    emission.command(
      `ethtool -L ${name} combined ${String(queues.value)}`,
      queues,
      'Where the driver has no combined queues: `rx` for `combined`.',
    );
  const receive = emission.take(...key, 'receiveBuffers');
  if (receive !== undefined) emission.command(`ethtool -G ${name} rx ${String(receive.value)}`, receive);
  const send = emission.take(...key, 'sendBuffers');
  if (send !== undefined) emission.command(`ethtool -G ${name} tx ${String(send.value)}`, send);
  emission.refuse('It goes by the number of queues: `receiveQueues: 1` is without.', ...key, 'receiveScaling');
  emission.refuse('Linux spreads guests over queues itself.', ...key, 'virtualQueues');
  emission.refuse('`ethtool -C` wants microseconds, which the declaration does not say.', ...key, 'interruptModeration');
  for (const one of ['iscsi', 'fcoe', 'tcp']) emission.refuse('Drivers of Linux have no common switch for it.', ...key, one);
}
