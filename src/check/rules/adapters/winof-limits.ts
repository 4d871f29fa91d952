/** Known limits of Mellanox's driver package for Windows. */
import { portsMismatch } from '../../../fabric/network/adapter-start.ts';
import type { Finding, Rule } from '../../rule.ts';
import { WINOF_README } from '../../sources.ts';
import { slotExample } from './examples.ts';
import { type Slot, slotsOf } from '../../slots.ts';

const example = (second: boolean): string =>
  slotExample('mellanox-connectx-en', ['offloads: { receiveScaling: true }', `offloads: { receiveScaling: ${second} }`], 'os: windows\n');

/** The largest IPoIB packet over the usual InfiniBand MTU of 2048 bytes. */
const USUAL_PAYLOAD_BYTES = 2044;

export const winofLimits: Rule = {
  id: 'SW-1192',
  name: 'winof-limits',
  severity: 'warning',
  title: 'An adapter is set in a way that WinOF does not support',
  meaning:
    'Known limits of the WinOF drivers: both ports of an adapter use the same mode of receive side scaling; the first port is not Ethernet while the second is InfiniBand; InfiniBand frames of 4 KiB and large send offload are not used together.',
  remedy: 'Set both ports alike, let the first be the InfiniBand one, and leave out one of large frames and large send.',
  ignored: 'The event log tells of a mismatch between the two ports; the driver does not start; or transfers stall.',
  source: [WINOF_README, 'WinOF mlx4 driver, port types', 'NVIDIA WinOF documentation, Port Configuration'],
  examples: { fail: example(false), pass: example(true) },
  check: (fabric) =>
    slotsOf(fabric).flatMap((slot) =>
      slot.machine.os === 'windows' && slot.adapter.model.vendor === 'Mellanox' ? [...pairFindings(slot), ...frameFindings(slot)] : [],
    ),
};

function pairFindings({ node, machine, adapter, ports }: Slot): Finding[] {
  const [first, second] = [0, 1].map((index) => ports.find((port) => port.index === index)?.nic);
  // What came after ConnectX-3 has another driver.
  if (first === undefined || second === undefined || adapter.model.chip !== 'ConnectX') return [];
  const names = [first, second].map(({ name }) => `\`${node}:${name}\``);
  const findings: Finding[] = [];
  if (first.portType === 'ethernet' && second.portType === 'infiniband')
    findings.push({
      at: [...second.at, 'portType'],
      message: `${names[0]} is Ethernet and ${names[1]} InfiniBand: the driver takes this pair the other way round only.`,
      remedy: 'Exchange the cables and the settings of the two ports.',
      related: [{ at: first.at, message: 'the first port' }],
    });
  const mismatch = portsMismatch(machine, adapter, [first, second]);
  if (mismatch !== undefined)
    findings.push({
      at: [...second.offloads!.at, 'receiveScaling'],
      message: `Receive side scaling is ${mismatch.receiveScaling ? 'on' : 'off'} at ${names[0]} and ${mismatch.receiveScaling ? 'off' : 'on'} at ${names[1]}, ports of one adapter.`,
      remedy: 'Write the same at both.',
      related: [{ at: [...first.offloads!.at, 'receiveScaling'], message: 'the first port' }],
    });
  return findings;
}

const frameFindings = ({ node, ports }: Slot): Finding[] =>
  ports.flatMap(({ nic }): Finding[] => {
    const mtuBytes = nic.infiniband?.ipoib?.mtuBytes;
    if (mtuBytes === undefined || mtuBytes <= USUAL_PAYLOAD_BYTES || nic.offloads?.largeSend !== true) return [];
    return [
      {
        at: [...nic.offloads.at, 'largeSend'],
        message: `\`${node}:${nic.name}\` has large send offload and IPoIB packets of ${mtuBytes} bytes, which are not to be used together.`,
        remedy: `Write \`largeSend: false\`, or \`mtu: ${USUAL_PAYLOAD_BYTES}\` in \`ipoib\`.`,
        related: [{ at: [...nic.infiniband!.ipoib!.at, 'mtu'], message: 'the packets' }],
      },
    ];
  });
