/** What IP hosts tell people about: numbers 1200-1239. */
import { eventKind } from '../base/event.ts';

export const addressConflict = eventKind<{ readonly address: string; readonly mac: string; readonly interface: string }>(
  1200,
  'inet-address-conflict',
  'error',
  (data) => `${data.interface}: ${data.mac} uses our address ${data.address} too`,
  {
    means:
      'Another station uses an address that is ours: it answered or announced it with its own MAC address. The address is kept and announced again, at most every ten seconds (RFC 5227 §2.4 (b)).',
    remedy:
      'Give one of the two another address. The MAC address tells which station it is; a switch shows the port that it was learned at.',
    example: { address: '192.0.2.11', mac: '02:53:57:00:00:2a', interface: 'nic0' },
  },
);

export const addressDuplicate = eventKind<{ readonly address: string; readonly mac: string; readonly interface: string }>(
  1201,
  'inet-address-duplicate',
  'error',
  (data) => `${data.interface}: ${data.mac} has the address ${data.address} already; it is not used here`,
  {
    means:
      "An IPv6 address that was given or was made from an advertised prefix is another station's already: it answered duplicate address detection (RFC 4862 §5.4). The address is not used.",
    remedy: 'Give one of the two another address, and bring the fabric up again.',
    example: { address: '2001:db8::11', mac: '02:53:57:00:00:2a', interface: 'nic0' },
  },
);

export const neighborsFull = eventKind<{ readonly interface: string; readonly entries: number }>(
  1202,
  'inet-neighbor-cache-full',
  'warning',
  (data) => `${data.interface}: more neighbours are heard of than the ${data.entries} that are remembered; those needed least give way`,
  {
    means:
      'The neighbour cache of the interface is full, and entries that are needed least make room for new ones. A station that is needed again has to be asked for anew. Told at most once a minute.',
    remedy:
      'Look for a scan of the network, which asks for every address there is; or make the network smaller by routing between parts of it.',
    example: { interface: 'nic0', entries: 4096 },
  },
);

export const fragmentsFull = eventKind<{ readonly packets: number; readonly bytes: number }>(
  1203,
  'inet-reassembly-full',
  'warning',
  (data) =>
    `more packets come in pieces than are waited for (${data.packets}, with ${data.bytes} bytes); those that have waited longest are given up`,
  {
    means:
      'Packets that came in fragments wait for their remaining ones, and there are more, or longer ones, than may wait; the oldest are given up. Told at most once a minute.',
    remedy:
      'Find out who sends fragments, and why: most often a tunnel or an MTU that differs from end to end. Fragments that never become whole may also be an attack.',
    example: { packets: 256, bytes: 1_048_576 },
  },
);

export const routersFull = eventKind<{ readonly interface: string; readonly routers: number; readonly prefixes: number }>(
  1204,
  'inet-routers-full',
  'warning',
  (data) =>
    `${data.interface}: more routers or prefixes are advertised than the ${data.routers} and ${data.prefixes} that are taken in; further ones are not`,
  {
    means:
      'Router advertisements (RFC 4861 §6.3.4) name more routers or prefixes than a host takes in; those that came first stay. Told at most once a minute.',
    remedy: 'Look for stations that advertise themselves as routers and are none.',
    example: { interface: 'nic0', routers: 8, prefixes: 16 },
  },
);
