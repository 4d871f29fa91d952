/** What IP hosts tell people about: numbers 1200-1299. */
import { eventKind } from '../base/event.ts';

export const addressConflict = eventKind<{ readonly address: string; readonly mac: string; readonly interface: string }>(
  1200,
  'inet-address-conflict',
  'error',
  (data) => `${data.interface}: ${data.mac} uses our address ${data.address} too`,
);
