/** What bridges tell people about: numbers 1000-1099. */
import { eventKind } from '../base/event.ts';

export const macTableFull = eventKind<{ readonly port: string; readonly addresses: number }>(
  1000,
  'bridge-mac-table-full',
  'warning',
  (data) =>
    `the MAC address table is full (${data.addresses} addresses); frames to addresses it does not hold go to every port; last seen at ${data.port}`,
);

export const stormLimited = eventKind<{
  readonly port: string;
  readonly kind: 'broadcast' | 'multicast' | 'unknown';
  readonly framesPerSecond: number;
}>(1001, 'bridge-storm-limited', 'warning', ({ port, kind, framesPerSecond }) => {
  const what = kind === 'unknown' ? 'frames to unknown addresses' : `${kind}s`;
  return `more ${what} come in at port ${port} than the ${framesPerSecond} a second that are let through; the others are dropped`;
});

export const topologyChanged = eventKind<{
  readonly port: string;
  readonly changes: number;
  readonly how: 'detected' | 'notified';
}>(1010, 'spanning-tree-topology-change', 'info', ({ port, changes, how }) =>
  [
    how === 'detected' ? `the topology changed: port ${port} forwards now` : `a bridge behind port ${port} says that the topology changed`,
    changes > 1 ? ` (the last of ${changes} changes within a second)` : '',
    '; what was learned on other ports is forgotten',
  ].join(''),
);

export const rootChanged = eventKind<{
  readonly root: string;
  readonly self: boolean;
  readonly pathCost: number;
  readonly port: string | undefined;
}>(1011, 'spanning-tree-root-change', 'info', ({ root, self, pathCost, port }) =>
  self ? `this bridge, ${root}, is the root of the spanning tree` : `the root is ${root}, behind port ${port} at cost ${pathCost}`,
);

export const bpduGuarded = eventKind<{ readonly port: string; readonly recoverySeconds: number | undefined }>(
  1012,
  'spanning-tree-bpdu-guard',
  'warning',
  ({ port, recoverySeconds }) =>
    `a bridge speaks at port ${port}, where only stations belong: the port is out of service ${
      recoverySeconds === undefined ? 'until its link was down' : `for ${recoverySeconds} s`
    }`,
);

export const rootGuarded = eventKind<{ readonly port: string; readonly root: string }>(
  1013,
  'spanning-tree-root-guard',
  'warning',
  ({ port, root }) =>
    `port ${port} hears of a better root, ${root}, and must not lead to the root: it carries nothing as long as that is so`,
);

export const rootGuardEnded = eventKind<{ readonly port: string }>(
  1014,
  'spanning-tree-root-guard-ended',
  'info',
  ({ port }) => `port ${port} hears no better root any longer`,
);

export const loopedBack = eventKind<{ readonly port: string; readonly recoverySeconds: number }>(
  1015,
  'spanning-tree-looped-back',
  'warning',
  ({ port, recoverySeconds }) =>
    `what port ${port} sends comes back to it: it is out of service for ${recoverySeconds} s, and then tried again`,
);

export const guardRecovered = eventKind<{ readonly port: string }>(
  1016,
  'spanning-tree-port-recovered',
  'info',
  ({ port }) => `port ${port} is in service again`,
);

export const badBpdus = eventKind<{ readonly port: string; readonly count: number; readonly reason: string }>(
  1017,
  'spanning-tree-bad-bpdu',
  'warning',
  ({ port, count, reason }) => `${count} spanning tree messages at port ${port} made no sense, the last because of: ${reason}`,
);

export const bpduFlood = eventKind<{ readonly port: string; readonly dropped: number }>(
  1018,
  'spanning-tree-bpdu-flood',
  'warning',
  ({ port, dropped }) => `spanning tree messages come too fast at port ${port}: ${dropped} were not looked at`,
);

export const legacyNeighbor = eventKind<{ readonly port: string; readonly legacy: boolean }>(
  1019,
  'spanning-tree-protocol-migration',
  'info',
  ({ port, legacy }) =>
    legacy
      ? `a bridge at port ${port} knows no rapid spanning tree: it is spoken to in the old way, and waits take up to 50 s there`
      : `port ${port} speaks rapid spanning tree again`,
);
