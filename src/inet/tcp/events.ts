/** What a TCP tells people about: numbers 1240-1249. */
import { eventKind } from '../../base/event.ts';

export const synFlood = eventKind<{ readonly port: number; readonly backlog: number }>(
  1240,
  'tcp-syn-flood',
  'warning',
  (data) => `port ${data.port}: more connections begin than the backlog of ${data.backlog} holds; further ones are answered with cookies`,
);

export const connectionsFull = eventKind<{ readonly connections: number }>(
  1241,
  'tcp-connections-full',
  'error',
  (data) => `there are ${data.connections} connections, as many as may be; further ones are dropped`,
);

export const pathBlackHole = eventKind<{ readonly remote: string; readonly segmentBytes: number }>(
  1242,
  'tcp-path-black-hole',
  'warning',
  (data) => `${data.remote}: large segments vanish on the way and nobody says why; going on with ${data.segmentBytes} bytes each`,
);
