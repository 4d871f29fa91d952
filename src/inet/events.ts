/** What IP hosts tell people about: numbers 1200-1239. */
import { eventKind } from '../base/event.ts';

export const addressConflict = eventKind<{ readonly address: string; readonly mac: string; readonly interface: string }>(
  1200,
  'inet-address-conflict',
  'error',
  (data) => `${data.interface}: ${data.mac} uses our address ${data.address} too`,
);

export const addressDuplicate = eventKind<{ readonly address: string; readonly mac: string; readonly interface: string }>(
  1201,
  'inet-address-duplicate',
  'error',
  (data) => `${data.interface}: ${data.mac} has the address ${data.address} already; it is not used here`,
);

export const neighborsFull = eventKind<{ readonly interface: string; readonly entries: number }>(
  1202,
  'inet-neighbor-cache-full',
  'warning',
  (data) => `${data.interface}: more neighbours are heard of than the ${data.entries} that are remembered; those needed least give way`,
);

export const fragmentsFull = eventKind<{ readonly packets: number; readonly bytes: number }>(
  1203,
  'inet-reassembly-full',
  'warning',
  (data) =>
    `more packets come in pieces than are waited for (${data.packets}, with ${data.bytes} bytes); those that have waited longest are given up`,
);

export const routersFull = eventKind<{ readonly interface: string; readonly routers: number; readonly prefixes: number }>(
  1204,
  'inet-routers-full',
  'warning',
  (data) =>
    `${data.interface}: more routers or prefixes are advertised than the ${data.routers} and ${data.prefixes} that are taken in; further ones are not`,
);
