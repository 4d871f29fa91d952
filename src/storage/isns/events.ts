/** What an iSNS client (RFC 4171) tells people about: numbers 2300-2399. */
import { eventKind } from '../../base/event.ts';

export const serverConnected = eventKind<{ readonly server: string }>(
  2301,
  'isns-connected',
  'debug',
  ({ server }) => `connected to the iSNS server ${server}`,
);

export const connectFailed = eventKind<{ readonly server: string; readonly reason: string; readonly attempt: number }>(
  2302,
  'isns-connect-failed',
  'warning',
  ({ server, reason, attempt }) => `no connection to the iSNS server ${server}: ${reason} (attempt ${attempt})`,
);

export const connectionLost = eventKind<{ readonly server: string; readonly reason: string; readonly unanswered: number }>(
  2303,
  'isns-connection-lost',
  'debug',
  ({ server, reason, unanswered }) =>
    `the connection to the iSNS server ${server} ended: ${reason}; ${unanswered} requests wait for an answer`,
);

export const protocolError = eventKind<{ readonly server: string; readonly reason: string }>(
  2304,
  'isns-protocol-error',
  'error',
  ({ server, reason }) => `${server} sends what is no iSNS: ${reason}`,
);

export const requestTimedOut = eventKind<{ readonly server: string; readonly request: string; readonly why: string }>(
  2305,
  'isns-request-timed-out',
  'warning',
  ({ server, request, why }) => `the iSNS server ${server} has not answered ${request} in time: ${why}`,
);

export const requestRefused = eventKind<{
  readonly server: string;
  readonly request: string;
  readonly status: number;
  readonly words: string;
}>(2306, 'isns-request-refused', 'warning', ({ server, request, words }) => `the iSNS server ${server} refuses ${request}: ${words}`);

export const unexpectedMessage = eventKind<{ readonly server: string; readonly message: string }>(
  2307,
  'isns-unexpected-message',
  'warning',
  ({ server, message }) => `${server} sent what nobody asked for: ${message}`,
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
);

export const registrationFailed = eventKind<{ readonly entity: string; readonly reason: string; readonly seconds: number }>(
  2311,
  'isns-registration-failed',
  'error',
  ({ entity, reason, seconds }) => `${entity} could not be registered: ${reason}; the next attempt is in ${seconds.toFixed(1)} s`,
);

export const deregistered = eventKind<{ readonly entity: string }>(
  2312,
  'isns-deregistered',
  'info',
  ({ entity }) => `deregistered ${entity}`,
);

export const renewed = eventKind<{ readonly entity: string }>(
  2313,
  'isns-registration-renewed',
  'info',
  ({ entity }) => `the iSNS server did not show ${entity} any more; it was registered again`,
);

export const portalLeftOut = eventKind<{ readonly portal: string; readonly reason: string }>(
  2314,
  'isns-portal-left-out',
  'warning',
  ({ portal, reason }) => `portal ${portal} is not registered: ${reason}`,
);

export const targetUnreachable = eventKind<{ readonly target: string }>(
  2315,
  'isns-target-unreachable',
  'info',
  ({ target }) => `the iSNS server knows ${target}, and no portal that leads to it`,
);

export const deregistrationFailed = eventKind<{ readonly entity: string; readonly reason: string }>(
  2316,
  'isns-deregistration-failed',
  'warning',
  ({ entity, reason }) => `${entity} stays registered until its period ends: ${reason}`,
);

export const nodesChanged = eventKind<{ readonly node: string; readonly changes: readonly string[] }>(
  2320,
  'isns-nodes-changed',
  'info',
  ({ changes }) => `the iSNS server tells of changes: ${changes.join(', ')}`,
);

export const inquiryAnswered = eventKind<{ readonly entity: string }>(
  2321,
  'isns-inquiry-answered',
  'debug',
  ({ entity }) => `the iSNS server asked whether ${entity} is there, and was answered`,
);

export const noticeRefused = eventKind<{ readonly from: string; readonly message: string; readonly reason: string }>(
  2322,
  'isns-notice-refused',
  'warning',
  ({ from, message, reason }) => `${from} sent ${message}, which is refused: ${reason}`,
);
