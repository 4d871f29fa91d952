/** Parameters of modules, and adapter ports, as commands of esxcli. */
import { shellQuoted } from '../core/shell-words.ts';
import type { Emission } from '../core/emission.ts';

/** One string holds all parameters of a module: setting one alone would drop the others. */
export function emitDrivers(emission: Emission): void {
  for (const driver of emission.names('drivers')) {
    const words: string[] = [];
    for (const name of emission.names('drivers', driver)) {
      const key = ['drivers', driver, name];
      const value = emission.peek(...key)!;
      if (typeof value === 'boolean') emission.refuse('Parameters of ESXi modules are numbers and texts: write 1 or 0.', ...key);
      else if (/[\s"']/.test(`${value as string | number}`) || /\s|=/.test(name))
        emission.refuse('A parameter has no blanks or quotes.', ...key);
      else if (typeof value === 'string' && /^(?:-?\d+|0x[0-9a-f]+)$/i.test(value))
        emission.refuse('Write the number without quotes.', ...key);
      else {
        emission.take(...key);
        words.push(`${name}=${value as string | number}`);
      }
    }
    if (words.length === 0) continue;
    const first = emission.names('drivers', driver).map((name) => emission.setting('drivers', driver, name))[0];
    emission.command(
      `esxcli system module parameters set --module=${shellQuoted(driver)} --parameter-string="${words.join(' ')}"`,
      first,
      'Takes effect when the host is started again; it replaces all parameters that the module had.',
    );
    emission.verify(`esxcli system module parameters list --module=${shellQuoted(driver)}`, ...words.map((word) => word.split('=')[0]!));
  }
}

const PAUSE: Readonly<Record<string, string>> = {
  none: '--auto=false --rx=false --tx=false',
  receive: '--auto=false --rx=true --tx=false',
  send: '--auto=false --rx=false --tx=true',
  both: '--auto=false --rx=true --tx=true',
  auto: '--auto=true',
};

const LOSSLESS_REFUSED = 'ESXi takes it from the switch by DCBX; what the driver can be told stands in its parameters (`drivers`).';

export function emitNics(emission: Emission): void {
  for (const nic of emission.names('nics')) {
    const place = ['nics', nic];
    emission.take(...place, 'device');
    const name = shellQuoted(emission.device(nic));
    const speed = emission.setting(...place, 'speed');
    if (speed !== undefined && Number(speed.value) % 1e6 === 0) {
      emission.take(...place, 'speed');
      emission.command(`esxcli network nic set --nic-name=${name} --speed=${Number(speed.value) / 1e6} --duplex=full`, speed);
    }
    const pause = emission.take(...place, 'flowControl');
    if (pause !== undefined) {
      emission.command(
        `esxcli network nic pauseParams set --nic-name=${name} ${PAUSE[String(pause.value)]!}`,
        pause,
        'Some drivers forget it when the host is started again.',
      );
      emission.verify('esxcli network nic pauseParams list', name);
    }
    for (const [offload, command] of [
      ['checksum', 'cso set --enable-cso'],
      ['largeSend', 'tso set --enable-tso'],
    ] as const) {
      const setting = emission.take(...place, 'offloads', offload);
      if (setting !== undefined)
        emission.command(`esxcli network nic ${command}=${setting.value === true ? 1 : 0} --nic-name=${name}`, setting);
    }
    const receive = emission.take(...place, 'offloads', 'receiveBuffers');
    const send = emission.take(...place, 'offloads', 'sendBuffers');
    if (receive !== undefined || send !== undefined) {
      const words = [
        receive === undefined ? '' : ` --rx=${String(receive.value)}`,
        send === undefined ? '' : ` --tx=${String(send.value)}`,
      ];
      emission.command(`esxcli network nic ring current set --nic-name=${name}${words.join('')}`, receive ?? send);
    }
    emission.refuseAll('ESXi has no such switch for an adapter port.', ...place, 'offloads');
    emission.refuseAll(LOSSLESS_REFUSED, ...place, 'dcb');
    emission.refuseAll('RDMA is on where the driver of the adapter has it; its settings are parameters of the driver.', ...place, 'rdma');
    emission.refuseAll('Virtual functions are a parameter of the driver, such as max_vfs (`drivers`).', ...place, 'sriov');
    emission.refuse('The adapter has its own address.', ...place, 'mac');
    if (emission.has(...place, 'dcb')) emission.verify(`esxcli network nic dcb status get --nic-name=${name}`, 'PFC');
  }
  emission.refuseAll(LOSSLESS_REFUSED, 'dcb');
}

/** A port has the frame size of its virtual switch. */
export function settleMtus(emission: Emission): void {
  const sizes = new Map<string, unknown>();
  for (const one of emission.names('virtualSwitches'))
    for (const port of (emission.peek('virtualSwitches', one, 'uplinks') ?? []) as readonly string[])
      sizes.set(port, emission.peek('virtualSwitches', one, 'mtu') ?? 1500);
  for (const nic of emission.names('nics')) {
    if (emission.peek('nics', nic, 'mtu') === (sizes.get(nic) ?? 1500)) emission.take('nics', nic, 'mtu');
    else emission.refuse('A port has the MTU of its virtual switch: declare it there.', 'nics', nic, 'mtu');
  }
}
