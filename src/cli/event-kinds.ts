/** Every kind of event there is, by number, with the rooms that raise them: for the reference page and for `samewire events`. */
import '../device/adapter-events.ts';
import '../device/events.ts';
import '../inet/events.ts';
import '../inet/tcp/events.ts';
import '../link/events.ts';
import '../os/ports/events.ts';
import '../os/secrets.ts';
import '../server/events.ts';
import '../storage/iscsi/adapter/events.ts';
import '../storage/iscsi/events.ts';
import '../storage/iscsi/initiator/error-events.ts';
import '../storage/iscsi/initiator/events.ts';
import '../storage/isns/events.ts';
import '../storage/multipath/events.ts';
import '../storage/scsi/reservation-events.ts';
import './cli-events.ts';
import { type DeclaredEvent, declaredEvents } from '../base/event.ts';

/** Numbers that belong together. */
export interface EventRange {
  readonly first: number;
  readonly last: number;
  readonly title: string;
  /** What the source of such an event is, where its story says nothing else. */
  readonly source: string;
}

export const EVENT_RANGES: readonly EventRange[] = [
  { first: 1000, last: 1099, title: 'Bridges and spanning tree', source: 'the switch: `tor1`' },
  { first: 1200, last: 1239, title: 'IP', source: 'the host or array: `esx1`' },
  { first: 1240, last: 1249, title: 'TCP', source: 'the host or array: `array1`' },
  { first: 1300, last: 1309, title: 'Machines', source: 'the host or array: `esx1`' },
  { first: 1310, last: 1399, title: 'Links', source: 'both ends of the link: `esx1:nic0 - tor1:1`' },
  { first: 2000, last: 2099, title: 'iSCSI target', source: 'the address of the initiator: `192.0.2.11:50546`' },
  { first: 2100, last: 2199, title: 'iSCSI initiator', source: 'host, adapter and target: `esx1/vmhba64/iqn.2026-01.net.example:disk1`' },
  { first: 2200, last: 2299, title: 'Multipath', source: 'host and device: `esx1/naa.602535715c332d68eebf9b2924bd1935`' },
  { first: 2300, last: 2399, title: 'iSNS', source: 'the array, as `array1/isns`; of a command of the terminal, the iSCSI name that asks' },
  { first: 2400, last: 2409, title: 'iSCSI adapters of hosts', source: 'host and adapter: `esx1/vmhba64`' },
  { first: 2410, last: 2449, title: 'Network adapters', source: 'host or array, and adapter: `esx1/slot1`' },
  { first: 3100, last: 3199, title: 'Logical units', source: 'array, target and LUN: `array1/iqn.2026-01.net.example:disk1/lun 0`' },
  { first: 8000, last: 8099, title: 'The operating system', source: 'what it is about' },
  { first: 8100, last: 8199, title: 'Ports to the world', source: 'the port of the switch: `tor1:9`' },
  { first: 9000, last: 9009, title: 'The program', source: "the fabric's name: `rack`" },
  { first: 9010, last: 9099, title: 'API and page', source: "the fabric's name: `rack`" },
];

export interface RangeOfKinds extends EventRange {
  readonly kinds: readonly DeclaredEvent[];
}

export const rangesOfKinds = (): readonly RangeOfKinds[] => {
  const kinds = [...declaredEvents.values()].toSorted((a, b) => a.id - b.id);
  return EVENT_RANGES.map((range) => ({ ...range, kinds: kinds.filter(({ id }) => id >= range.first && id <= range.last) }));
};

/** By its number or name. */
export function eventKindOf(word: string): (DeclaredEvent & { readonly range: EventRange }) | undefined {
  for (const range of rangesOfKinds()) {
    const kind = range.kinds.find(({ id, name }) => String(id) === word || name === word.toLowerCase());
    if (kind !== undefined) return { ...kind, range };
  }
  return undefined;
}
