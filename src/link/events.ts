/** What bridges tell people about: numbers 1000-1099. */
import { eventKind } from '../base/event.ts';

export const macTableFull = eventKind<{ readonly port: string; readonly addresses: number }>(
  1000,
  'bridge-mac-table-full',
  'warning',
  (data) =>
    `the MAC address table is full (${data.addresses} addresses); frames to addresses it does not hold go to every port; last seen at ${data.port}`,
);
