/** What a TCP tells people about: numbers 1240-1249. */
import { eventKind } from '../../base/event.ts';

export const synFlood = eventKind<{ readonly port: number; readonly backlog: number }>(
  1240,
  'tcp-syn-flood',
  'warning',
  (data) => `port ${data.port}: more connections begin than the backlog of ${data.backlog} holds; further ones are answered with cookies`,
  {
    means:
      'More connections to a port are being opened than its backlog holds. Further ones are answered with SYN cookies (RFC 4987 §3.6): they can be completed, and take no memory until then. Told at most once a minute for a port.',
    remedy: 'If the clients are real, this passes; if nothing follows the SYNs, look for who sends them.',
    example: { port: 3260, backlog: 128 },
  },
);

export const connectionsFull = eventKind<{ readonly connections: number }>(
  1241,
  'tcp-connections-full',
  'error',
  (data) => `there are ${data.connections} connections, as many as may be; further ones are dropped`,
  {
    means:
      'A machine has as many TCP connections as it may have, not counting those in TIME-WAIT. Requests for further ones are dropped, and tried again by their clients.',
    remedy: 'Look at who holds so many: usually a client that opens connections and never closes them.',
    example: { connections: 65_536 },
  },
);

export const pathBlackHole = eventKind<{ readonly remote: string; readonly segmentBytes: number }>(
  1242,
  'tcp-path-black-hole',
  'warning',
  (data) => `${data.remote}: large segments vanish on the way and nobody says why; going on with ${data.segmentBytes} bytes each`,
  {
    means:
      'Large segments were sent several times and never acknowledged, and no router said that they are too big: the path swallows them (RFC 4821 §7.7, RFC 8899 call it a black hole). The connection goes on with small ones.',
    remedy:
      'Compare the MTU of all interfaces and switches on the way to the named address; one of them is smaller, or something drops ICMP.',
    example: { remote: '192.0.2.20:3260', segmentBytes: 1012 },
  },
);
