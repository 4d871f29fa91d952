/** What an iSNS client (RFC 4171) tells people about: numbers 2300-2399. */
import { eventKind } from '../../base/event.ts';

export const serverConnected = eventKind<{ readonly server: string }>(
  2301,
  'isns-connected',
  'debug',
  ({ server }) => `connected to the iSNS server ${server}`,
  { means: 'A TCP connection to the iSNS server is open.', example: { server: '192.0.2.50:3205' } },
);

export const connectFailed = eventKind<{ readonly server: string; readonly reason: string; readonly attempt: number }>(
  2302,
  'isns-connect-failed',
  'warning',
  ({ server, reason, attempt }) => `no connection to the iSNS server ${server}: ${reason} (attempt ${attempt})`,
  {
    means:
      "The iSNS server can't be reached, or refuses the connection. It is tried again as long as something is to be asked, after waits of up to 20 s.",
    remedy: 'Is the server up, and is the address right? Its port is 3205 unless it was configured otherwise (RFC 4171 §7.6).',
    example: { server: '192.0.2.50:3205', reason: 'connect ECONNREFUSED 192.0.2.50:3205', attempt: 3 },
  },
);

export const connectionLost = eventKind<{ readonly server: string; readonly reason: string; readonly unanswered: number }>(
  2303,
  'isns-connection-lost',
  'debug',
  ({ server, reason, unanswered }) =>
    `the connection to the iSNS server ${server} ended: ${reason}; ${unanswered} requests wait for an answer`,
  {
    means:
      'The connection to the iSNS server ended. Requests without an answer are sent again on a new one, within their time; servers close connections that are idle.',
    example: { server: '192.0.2.50:3205', reason: 'the server closed it', unanswered: 0 },
  },
);

export const protocolError = eventKind<{ readonly server: string; readonly reason: string }>(
  2304,
  'isns-protocol-error',
  'error',
  ({ server, reason }) => `${server} sends what is no iSNS: ${reason}`,
  {
    means: "What came can't be decoded as iSNSP (RFC 4171 §5): the connection is closed, or the datagram dropped.",
    remedy: 'Is it an iSNS server that listens there? If it is, capture the connection, and report it to its maker.',
    example: { server: '192.0.2.50:3205', reason: 'iSNSP version 71' },
  },
);

export const requestTimedOut = eventKind<{ readonly server: string; readonly request: string; readonly why: string }>(
  2305,
  'isns-request-timed-out',
  'warning',
  ({ server, request, why }) => `the iSNS server ${server} has not answered ${request} in time: ${why}`,
  {
    means: 'A request got no answer within its time. The reason says whether the server was silent, or could not be reached at all (2302).',
    remedy: 'Look at the server and the way there; an iSNS server that is overloaded answers late.',
    example: { server: '192.0.2.50:3205', request: 'DevAttrReg', why: 'there is no answer' },
  },
);

export const requestRefused = eventKind<{
  readonly server: string;
  readonly request: string;
  readonly status: number;
  readonly words: string;
}>(2306, 'isns-request-refused', 'warning', ({ server, request, words }) => `the iSNS server ${server} refuses ${request}: ${words}`, {
  means: 'The iSNS server answered with an error status (RFC 4171 §5.4). That nothing was found is no error and is not told of.',
  remedy:
    "Follow the words of the status: `source unauthorized` asks for an entry in the server's configuration, others for a look at the server's log.",
  example: { server: '192.0.2.50:3205', request: 'DevAttrReg', status: 6, words: 'source unknown' },
});

export const unexpectedMessage = eventKind<{ readonly server: string; readonly message: string }>(
  2307,
  'isns-unexpected-message',
  'warning',
  ({ server, message }) => `${server} sent what nobody asked for: ${message}`,
  {
    means: 'A message came that answers no request that waits, or that this end takes no part in. It was ignored.',
    remedy:
      'An answer that comes too late is harmless (see 2305). If it repeats, capture the connection: the server mixes up its transactions.',
    example: { server: '192.0.2.50:3205', message: 'DevAttrRsp 17 success: ' },
  },
);

export const registered = eventKind<{
  readonly entity: string;
  readonly nodes: number;
  readonly portals: number;
  readonly periodSeconds: number;
}>(
  2310,
  'isns-registered',
  'info',
  ({ entity, nodes, portals, periodSeconds }) =>
    `registered as ${entity}: ${nodes} nodes at ${portals} portals, ${periodSeconds === 0 ? 'without an end' : `for ${periodSeconds} s at a time`}`,
  {
    means:
      "An array's entity with its targets and portals is registered with the iSNS server, and initiators can discover it there. It is refreshed before the registration period ends (RFC 4171 §5.6.5.1).",
    source: 'array1/isns',
    example: { entity: 'array1.example', nodes: 2, portals: 2, periodSeconds: 900 },
  },
);

export const registrationFailed = eventKind<{ readonly entity: string; readonly reason: string; readonly seconds: number }>(
  2311,
  'isns-registration-failed',
  'error',
  ({ entity, reason, seconds }) => `${entity} could not be registered: ${reason}; the next attempt is in ${seconds.toFixed(1)} s`,
  {
    means: 'The array could not be registered: initiators that discover by iSNS do not find it. It is tried again after the named time.',
    remedy: 'Follow the reason; 2302, 2305 or 2306 before it say more.',
    source: 'array1/isns',
    example: {
      entity: 'array1.example',
      reason: 'no answer from the iSNS server 192.0.2.50:3205 in time: there is no answer',
      seconds: 4.3,
    },
  },
);

export const deregistered = eventKind<{ readonly entity: string }>(
  2312,
  'isns-deregistered',
  'info',
  ({ entity }) => `deregistered ${entity}`,
  {
    means: "The array's entity was taken off the iSNS server, as the array stops.",
    source: 'array1/isns',
    example: { entity: 'array1.example' },
  },
);

export const renewed = eventKind<{ readonly entity: string }>(
  2313,
  'isns-registration-renewed',
  'info',
  ({ entity }) => `the iSNS server did not show ${entity} any more; it was registered again`,
  {
    means:
      "The iSNS server had forgotten the array's entity (it was restarted, or somebody removed it), and the entity was registered again.",
    source: 'array1/isns',
    example: { entity: 'array1.example' },
  },
);

export const portalLeftOut = eventKind<{ readonly portal: string; readonly reason: string }>(
  2314,
  'isns-portal-left-out',
  'warning',
  ({ portal, reason }) => `portal ${portal} is not registered: ${reason}`,
  {
    means:
      "A portal can't be registered, as iSNS knows portals by IP address and this one has none that can be told: it is announced by a host name, for one.",
    remedy: 'Announce the portal by an IP address, or take it out of what is registered.',
    source: 'array1/isns',
    example: { portal: 'storage.example:3260', reason: 'iSNS knows portals by their IP address' },
  },
);

export const targetUnreachable = eventKind<{ readonly target: string }>(
  2315,
  'isns-target-unreachable',
  'info',
  ({ target }) => `the iSNS server knows ${target}, and no portal that leads to it`,
  {
    means: 'Discovery by iSNS found a target that is registered without a portal through which it can be reached. It is left out.',
    remedy: 'If it should be reachable, look at the registration of its portals and portal groups at the server.',
    example: { target: 'iqn.2026-01.net.example:disk1' },
  },
);

export const deregistrationFailed = eventKind<{ readonly entity: string; readonly reason: string }>(
  2316,
  'isns-deregistration-failed',
  'warning',
  ({ entity, reason }) => `${entity} stays registered until its period ends: ${reason}`,
  {
    means:
      "The iSNS server did not confirm that the array's entity was taken off, within the time that stopping waits. Initiators find the array until its registration period ends.",
    remedy: 'Usually nothing. To have it gone at once, remove the entity at the server.',
    source: 'array1/isns',
    example: { entity: 'array1.example', reason: 'no answer from the iSNS server 192.0.2.50:3205 in time: there is no answer' },
  },
);

export const nodesChanged = eventKind<{ readonly node: string; readonly changes: readonly string[] }>(
  2320,
  'isns-nodes-changed',
  'info',
  ({ changes }) => `the iSNS server tells of changes: ${changes.join(', ')}`,
  {
    means: 'A state change notification came (RFC 4171 §5.6.5.8): nodes in a discovery domain of ours were added, changed or removed.',
    example: { node: 'iqn.1998-01.com.vmware:esx1', changes: ['object added iqn.2026-01.net.example:disk2'] },
  },
);

export const inquiryAnswered = eventKind<{ readonly entity: string }>(
  2321,
  'isns-inquiry-answered',
  'debug',
  ({ entity }) => `the iSNS server asked whether ${entity} is there, and was answered`,
  {
    means: 'The iSNS server sent an entity status inquiry (RFC 4171 §5.6.5.13), and was answered; otherwise it would take the entity off.',
    source: 'array1/isns',
    example: { entity: 'array1.example' },
  },
);

export const noticeRefused = eventKind<{ readonly from: string; readonly message: string; readonly reason: string }>(
  2322,
  'isns-notice-refused',
  'warning',
  ({ from, message, reason }) => `${from} sent ${message}, which is refused: ${reason}`,
  {
    means: 'A message that a server may send of its own accord is not for us, or not as it has to be; it was answered with an error.',
    remedy: 'If it is our server, look at what it believes to be registered; if it is not, somebody else sends to this address.',
    example: {
      from: '192.0.2.50:3205',
      message: 'ESI 4: entity identifier=other.example',
      reason: 'other.example is not registered from here',
    },
  },
);
