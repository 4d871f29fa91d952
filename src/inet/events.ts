/** What IP hosts tell people about: numbers 1200-1299. */
import { eventKind } from '../base/event.ts';

export const addressConflict = eventKind<{ readonly address: string; readonly mac: string; readonly interface: string }>(
  1200,
  'inet-address-conflict',
  'error',
  (data) => `${data.interface}: ${data.mac} uses our address ${data.address} too`,
);

export const fragmentFlood = eventKind<{ readonly waitingBytes: number }>(
  1201,
  'inet-fragments-dropped',
  'warning',
  () => 'more fragments come than can be kept; packets in pieces are dropped',
);

export const neighborFlood = eventKind<{ readonly interface: string; readonly entries: number }>(
  1202,
  'inet-neighbor-table-full',
  'warning',
  (data) => `${data.interface}: the neighbour table is full (${data.entries} entries); the least needed give way`,
);
