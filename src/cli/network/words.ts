/** The network in words and rows: what `samewire network` and the live view have in common. */
import type { MachineReport, NicReport, SwitchPortReport } from '../../device/network-report.ts';
import { formatRate } from '../../fabric/network/rate.ts';
import { formatVlans } from '../../fabric/network/vlan-list.ts';
import type { PortVlanSettings } from '../../link/port-vlans.ts';
import type { AttachmentReport, LinkEndReport, LinkReport } from '../../os/network/link-report.ts';
import { linkText } from '../../os/network/running-network.ts';
import type { LinkFaults } from '../../runtime/link-faults.ts';
import type { Tone } from '../host-words.ts';
import type { TableRow } from '../painted-table.ts';

/** Nothing is plugged in, or nothing says how fast it is. */
export const rateOrDash = (bitsPerSecond: number | undefined): string =>
  bitsPerSecond === undefined || bitsPerSecond === 0 ? '-' : formatRate(bitsPerSecond);

/** Nothing is lost of times that links of a fabric take: a few hundred nanoseconds. */
export function millisecondsText(nanos: number): string {
  const value = nanos / 1e6;
  return value >= 1 || value === 0 ? value.toFixed(3) : value.toFixed(Math.min(6, 2 - Math.floor(Math.log10(value))));
}

/** 9 comes before 10. */
export const byName = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

// ---- machines ----

export const NIC_HEADINGS = ['machine', 'state', 'speed', 'MTU', 'MAC address', 'addresses'];

export function nicRow({ machine }: MachineReport, port: NicReport): TableRow {
  const addresses = port.interfaces.flatMap((one) =>
    one.addresses.map(
      ({ address, leased, deprecated }) =>
        `${address}${one.vlan === undefined ? '' : ` VLAN ${one.vlan}`}${leased ? ' leased' : ''}${deprecated ? ' deprecated' : ''}`,
    ),
  );
  const cells = [
    `${machine}:${port.port}`,
    stateText(port.carrier, port.rateBitsPerSecond),
    rateOrDash(port.rateBitsPerSecond),
    [...new Set(port.interfaces.map(({ mtuBytes }) => mtuBytes))].join(', '),
    port.mac,
    addresses.length === 0 ? 'none yet' : addresses.join(', '),
  ];
  return { cells, tone: port.carrier ? 'good' : port.rateBitsPerSecond === undefined ? 'plain' : 'bad' };
}

const stateText = (carrier: boolean, rateBitsPerSecond: number | undefined): string =>
  carrier ? 'up' : rateBitsPerSecond === undefined ? 'unplugged' : 'down';

// ---- switches ----

export function vlansText(vlans: PortVlanSettings): string {
  if (vlans.mode === 'access') return String(vlans.vlan);
  if (vlans.mode === 'trunk') return `trunk ${formatVlans(vlans.allowed)}${vlans.native === 0 ? '' : `, native ${vlans.native}`}`;
  const parts = [
    vlans.untagged.length === 0 ? '' : `untagged ${vlans.untagged.join(', ')}`,
    vlans.tagged.length === 0 ? '' : `tagged ${formatVlans(vlans.tagged)}`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}

/** `designated, forwarding`. */
export function treeText({ role, state, edge, held }: SwitchPortReport): string {
  if (held !== undefined) return `out of service: ${held === 'bpdu-guard' ? 'BPDU guard' : 'loop'}`;
  return role === undefined ? state : `${role}, ${state}${edge ? ', edge' : ''}`;
}

export function portTone({ carrier, rateBitsPerSecond, state, held }: SwitchPortReport): Tone {
  if (held !== undefined) return 'bad';
  if (!carrier) return rateBitsPerSecond === undefined ? 'plain' : 'bad';
  return state === 'forwarding' ? 'good' : 'busy';
}

// ---- links ----

export const LINK_HEADINGS = ['link', 'state', 'speed', 'frames', 'back', 'dropped', 'faults'];
export const LINK_RIGHT = [3, 4, 5];

/** Both directions: frames of the first end, and back. */
export function linkRow(link: LinkReport): TableRow {
  const [one, other] = link.ends;
  const dropped = droppedBy(one) + droppedBy(other);
  const cells = [
    linkText(link),
    link.up ? 'up' : 'down',
    formatRate(link.rateBitsPerSecond),
    String(one.counters.frames),
    String(other.counters.frames),
    String(dropped),
    faultsText(one.faults) || 'none',
  ];
  return { cells, tone: !link.up ? 'bad' : faultsText(one.faults) === '' ? 'good' : 'busy' };
}

export const droppedBy = ({ counters }: LinkEndReport): number =>
  counters.queueDrops + counters.giants + counters.lost + counters.carrierDrops + counters.cutShort;

/** `loss 1%, corruption 0.1%`; empty: there are none. */
export const faultsText = (faults: LinkFaults): string =>
  (['loss', 'corruption', 'duplication', 'reordering'] as const)
    .filter((kind) => faults[kind] > 0)
    .map((kind) => `${kind} ${percentText(faults[kind])}`)
    .join(', ');

const percentText = (probability: number): string => `${Number((probability * 100).toPrecision(6))}%`;

// ---- the world ----

export const attachmentRow = ({ port, to, present, counters }: AttachmentReport): TableRow => ({
  cells: [
    port,
    to,
    present ? 'present' : 'absent',
    String(counters.framesIn),
    String(counters.framesOut),
    String(counters.dropsIn + counters.dropsOut + counters.tooLong + counters.malformed),
  ],
  tone: present ? 'good' : 'busy',
});
