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

export const connectionOpened = eventKind<{ readonly local: string; readonly remote: string; readonly passive: boolean }>(
  1243,
  'tcp-connection-opened',
  'debug',
  ({ local, remote, passive }) => (passive ? `${local} has accepted a connection from ${remote}` : `${local} is connected to ${remote}`),
  {
    means:
      'The handshake of a TCP connection is complete (RFC 9293 §3.5): bytes can flow both ways. `passive`: the other side has opened it.',
    example: { local: '192.0.2.11:50546', remote: '192.0.2.20:3260', passive: false },
  },
);

export const connectionClosed = eventKind<{
  readonly local: string;
  readonly remote: string;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly reason: string;
}>(
  1244,
  'tcp-connection-closed',
  'debug',
  ({ local, remote, bytesReceived, bytesSent, reason }) =>
    `the connection from ${local} to ${remote} is over: ${reason} (${bytesReceived} bytes in, ${bytesSent} out)`,
  {
    means:
      'A TCP connection that had been open is over: both sides have ended it (RFC 9293 §3.6), one of them reset it, or the peer did not answer any more. One that never came about is not told of.',
    example: {
      local: '192.0.2.11:50546',
      remote: '192.0.2.20:3260',
      bytesReceived: 8192,
      bytesSent: 1456,
      reason: 'the peer reset it (ECONNRESET)',
    },
  },
);
