/**
 * What network adapters of machines tell people about: numbers 2410-2449. The kinds are those that drivers of ConnectX write to the event log of
 * Windows (Mellanox WinOF VPI Readme).
 */
import { eventKind } from '../base/event.ts';

const EXAMPLE = { adapter: 'slot1', model: 'ConnectX EN 10GbE' };

type Adapter = typeof EXAMPLE;

export const adapterInitialised = eventKind<Adapter & { readonly ports: readonly { readonly port: string; readonly mac: string }[] }>(
  2410,
  'adapter-initialised',
  'info',
  ({ adapter, model, ports }) =>
    `${adapter} (${model}) is initialised: ${ports.map(({ port, mac }) => `${port} has the address ${mac}`).join(', ')}`,
  {
    means: 'The driver of a network adapter has started, and its ports can be used as soon as they have a link.',
    example: { ...EXAMPLE, ports: [{ port: 'nic0', mac: '02:00:00:00:00:01' }] },
  },
);

export const adapterStopped = eventKind<Adapter>(
  2411,
  'adapter-stopped',
  'info',
  ({ adapter, model }) => `${adapter} (${model}) is stopped`,
  {
    means: 'The driver of a network adapter has stopped, as it does when the fabric is taken down.',
    example: EXAMPLE,
  },
);

export const networkAdapterReset = eventKind<Adapter & { readonly ports: readonly string[] }>(
  2412,
  'network-adapter-reset',
  'warning',
  ({ adapter, model, ports }) => `${adapter} (${model}) is reset: ${ports.join(', ')} lose their links for a moment`,
  {
    means:
      'Somebody has reset a network adapter. Its ports have no link until it is over; what was under way on them is lost, and sent again by whoever is above.',
    remedy: 'None, where that was meant. 2414 tells of each port whose link is back, 2413 if the reset fails.',
    example: { ...EXAMPLE, ports: ['nic0', 'nic1'] },
  },
);

export const networkAdapterResetFailed = eventKind<Adapter & { readonly reason: string }>(
  2413,
  'network-adapter-reset-failed',
  'error',
  ({ adapter, model, reason }) => `${adapter} (${model}) can't be reset: ${reason}`,
  {
    means: 'Somebody wanted to reset a network adapter whose driver is not running, or is being reset already.',
    remedy: 'Mend what keeps the driver from starting, which an earlier event of the adapter says.',
    example: { ...EXAMPLE, reason: 'its driver is not running' },
  },
);

export const adapterLinkUp = eventKind<Adapter & { readonly port: string }>(
  2414,
  'adapter-link-up',
  'info',
  ({ adapter, port }) => `the link of ${port}, a port of ${adapter}, is up`,
  {
    means: 'The port of a network adapter has a link, and works.',
    example: { ...EXAMPLE, port: 'nic0' },
  },
);

export const adapterLinkDown = eventKind<Adapter & { readonly port: string }>(
  2415,
  'adapter-link-down',
  'warning',
  ({ adapter, port }) => `the link of ${port}, a port of ${adapter}, is down`,
  {
    means: 'The port of a network adapter has lost its link: the cable is cut, or the other end does not work or was shut down.',
    remedy: 'Look at the link (`samewire network show`) and at the port at its other end.',
    example: { ...EXAMPLE, port: 'nic0' },
  },
);

export const adapterFirmwareOld = eventKind<Adapter & { readonly found: string; readonly least: string; readonly image: string }>(
  2416,
  'adapter-firmware-old',
  'error',
  ({ adapter, model, found, least, image }) =>
    `${adapter} (${model}) is not initialised: its firmware ${found} is older than ${least} of ${image}, which its driver needs`,
  {
    means:
      'The driver of a network adapter does not start with firmware as old as this. None of the ports has a link. The rule SW-1234 warns of it.',
    remedy:
      'Burn the version that is named, or a later one, start the machine anew, and write the version in the fabric file (`firmware`).',
    example: { ...EXAMPLE, found: '2.5.000', least: '2.5.700', image: 'fw-25408' },
  },
);

export const adapterPortsMismatch = eventKind<Adapter & { readonly scales: string; readonly other: string }>(
  2417,
  'adapter-ports-mismatch',
  'warning',
  ({ adapter, scales, other }) =>
    `the ports of ${adapter} are set differently: receive side scaling is on at ${scales} and off at ${other}`,
  {
    means:
      'Both ports of an adapter share its interrupt vectors, and should use the same mode of receive side scaling. They work, and are slower. The rule SW-1192 warns of it.',
    remedy: 'Write the same `receiveScaling` at both ports.',
    example: { ...EXAMPLE, scales: 'nic0', other: 'nic1' },
  },
);

export const adapterVectorsShort = eventKind<Adapter & { readonly given: number; readonly needed: number }>(
  2418,
  'adapter-vectors-short',
  'warning',
  ({ adapter, model, given, needed }) =>
    `${adapter} (${model}) has ${given} interrupt vectors (MSI-X), and its driver wants ${needed}: the ports work without, and are slower`,
  {
    means:
      'The driver of a network adapter wants an interrupt vector for each receive queue of its ports, and those of the adapter itself, and got fewer. The rule SW-1235 warns of it.',
    remedy: 'Give it as many vectors as it wants (`vectors`), or declare fewer receive queues (`receiveQueues`).',
    example: { ...EXAMPLE, given: 8, needed: 33 },
  },
);
