/** What bridges tell people about: numbers 1000-1099. */
import { eventKind } from '../base/event.ts';

export const macTableFull = eventKind<{ readonly port: string; readonly addresses: number }>(
  1000,
  'bridge-mac-table-full',
  'warning',
  (data) =>
    `the MAC address table is full (${data.addresses} addresses); frames to addresses it does not hold go to every port; last seen at ${data.port}`,
  {
    means:
      'A frame came from an address that the bridge does not know, and its table holds as many as it may. Until entries age out, frames to that address go to every port of their VLAN. Told once in an ageing time.',
    remedy:
      'Look at what sends from so many addresses at the named port: a loop, a scan, or a flood that is meant to make the switch tell everybody everything. If there are that many stations, give the switch more (`addresses`).',
    example: { port: '9', addresses: 16_384 },
  },
);

export const stormLimited = eventKind<{
  readonly port: string;
  readonly kind: 'broadcast' | 'multicast' | 'unknown';
  readonly framesPerSecond: number;
}>(
  1001,
  'bridge-storm-limited',
  'warning',
  ({ port, kind, framesPerSecond }) => {
    const what = kind === 'unknown' ? 'frames to unknown addresses' : `${kind}s`;
    return `more ${what} come in at port ${port} than the ${framesPerSecond} a second that are let through; the others are dropped`;
  },
  {
    means:
      'Storm control of a port dropped frames: more of one kind came in within a second than its limit lets through. Told at most once a minute for a port.',
    remedy:
      'Find out what sends them: most often a loop behind the port, or a station that has failed. If the traffic is meant, raise the limit of the port (`storm`).',
    example: { port: '12', kind: 'broadcast', framesPerSecond: 1000 },
  },
);

export const topologyChanged = eventKind<{
  readonly port: string;
  readonly changes: number;
  readonly how: 'detected' | 'notified';
}>(
  1010,
  'spanning-tree-topology-change',
  'info',
  ({ port, changes, how }) =>
    [
      how === 'detected'
        ? `the topology changed: port ${port} forwards now`
        : `a bridge behind port ${port} says that the topology changed`,
      changes > 1 ? ` (the last of ${changes} changes within a second)` : '',
      '; what was learned on other ports is forgotten',
    ].join(''),
  {
    means:
      'The active topology is another one: a port that is no edge port began to forward here (detected), or a neighbour told of such a change (notified). Addresses learned on the other ports are forgotten, so that frames find the new ways (IEEE 802.1D-2004 §17.31). At most one event a second.',
    example: { port: '48', how: 'detected', changes: 2 },
  },
);

export const rootChanged = eventKind<{
  readonly root: string;
  readonly self: boolean;
  readonly pathCost: number;
  readonly port: string | undefined;
}>(
  1011,
  'spanning-tree-root-change',
  'info',
  ({ root, self, pathCost, port }) =>
    self ? `this bridge, ${root}, is the root of the spanning tree` : `the root is ${root}, behind port ${port} at cost ${pathCost}`,
  {
    means:
      'The bridge has settled on another root of the spanning tree: itself, or one that it reaches by the named port. The root is written as its priority in hexadecimal, a dot, and its MAC address.',
    example: { root: '1000.02:9d:1a:de:5f:64', self: false, pathCost: 200, port: '47' },
  },
);

export const bpduGuarded = eventKind<{ readonly port: string; readonly recoverySeconds: number | undefined }>(
  1012,
  'spanning-tree-bpdu-guard',
  'warning',
  ({ port, recoverySeconds }) =>
    `a bridge speaks at port ${port}, where only stations belong: the port is out of service ${
      recoverySeconds === undefined ? 'until its link was down' : `for ${recoverySeconds} s`
    }`,
  {
    means:
      'A BPDU came in at a port with BPDU guard. The port carries nothing until the recovery time has passed or, where there is none, until its link has been down.',
    remedy: 'Unplug the switch or bridge from the port; or, if it belongs there, take BPDU guard off the port.',
    example: { port: '9', recoverySeconds: 300 },
  },
);

export const rootGuarded = eventKind<{ readonly port: string; readonly root: string }>(
  1013,
  'spanning-tree-root-guard',
  'warning',
  ({ port, root }) =>
    `port ${port} hears of a better root, ${root}, and must not lead to the root: it carries nothing as long as that is so`,
  {
    means:
      'A bridge behind a port with root guard offers a root with a better identifier than the present one. The port discards frames as long as it hears of it.',
    remedy: 'Give the named bridge a higher (worse) priority, or lower that of the switch that is to be the root.',
    example: { port: '12', root: '0000.02:9d:1a:de:5f:64' },
  },
);

export const rootGuardEnded = eventKind<{ readonly port: string }>(
  1014,
  'spanning-tree-root-guard-ended',
  'info',
  ({ port }) => `port ${port} hears no better root any longer`,
  { means: 'Root guard no longer holds the port back (see 1013); it takes its place in the spanning tree again.', example: { port: '12' } },
);

export const loopedBack = eventKind<{ readonly port: string; readonly recoverySeconds: number }>(
  1015,
  'spanning-tree-looped-back',
  'warning',
  ({ port, recoverySeconds }) =>
    `what port ${port} sends comes back to it: it is out of service for ${recoverySeconds} s, and then tried again`,
  {
    means:
      'A port received a BPDU that it had sent itself: its cable, a transceiver or a device behind it loops back. The port is taken out of service, as it would relay a loop.',
    remedy: 'Look for a loopback plug, a cable with both ends in one device without spanning tree, or a device in a loopback test.',
    example: { port: '9', recoverySeconds: 6 },
  },
);

export const guardRecovered = eventKind<{ readonly port: string }>(
  1016,
  'spanning-tree-port-recovered',
  'info',
  ({ port }) => `port ${port} is in service again`,
  {
    means:
      'The recovery time after BPDU guard (1012) or a loop back (1015) has passed, and the port is tried again. If the cause is still there, it is taken out anew.',
    example: { port: '9' },
  },
);

export const badBpdus = eventKind<{ readonly port: string; readonly count: number; readonly reason: string }>(
  1017,
  'spanning-tree-bad-bpdu',
  'warning',
  ({ port, count, reason }) => `${count} spanning tree messages at port ${port} made no sense, the last because of: ${reason}`,
  {
    means:
      'Frames to the spanning tree group address could not be decoded and were ignored; the event counts them since the one before. Told at most once a minute.',
    remedy: 'Capture at the port to see who sends them: a neighbour with a fault, a damaged link, or somebody who tries.',
    example: { port: '47', count: 3, reason: 'unknown type 7' },
  },
);

export const bpduFlood = eventKind<{ readonly port: string; readonly dropped: number }>(
  1018,
  'spanning-tree-bpdu-flood',
  'warning',
  ({ port, dropped }) => `spanning tree messages come too fast at port ${port}: ${dropped} were not looked at`,
  {
    means:
      'More than 1000 BPDUs came in at the port within a second, which no bridge that keeps to its hello time sends; the surplus was dropped unread. Told at most once a minute.',
    remedy:
      'Capture at the port to see who sends them: a loop that multiplies them, or an attack. BPDU guard keeps a port of stations out of it.',
    example: { port: '9', dropped: 4096 },
  },
);

export const legacyNeighbor = eventKind<{ readonly port: string; readonly legacy: boolean }>(
  1019,
  'spanning-tree-protocol-migration',
  'info',
  ({ port, legacy }) =>
    legacy
      ? `a bridge at port ${port} knows no rapid spanning tree: it is spoken to in the old way, and waits take up to 50 s there`
      : `port ${port} speaks rapid spanning tree again`,
  {
    means:
      'Port protocol migration (IEEE 802.1D-2004 §17.24): the neighbour sent a BPDU of the original spanning tree protocol, so the port speaks that; or it has gone back to the rapid one.',
    remedy:
      'Where the neighbour could speak rapid spanning tree, switch it on there: without it a change of the topology takes up to 50 s.',
    example: { port: '47', legacy: true },
  },
);

export const portState = eventKind<{ readonly port: string; readonly role: string; readonly state: string }>(
  1020,
  'spanning-tree-port-state',
  'debug',
  ({ port, role, state }) => `port ${port} is ${state} as ${role} port`,
  {
    means:
      'The spanning tree has changed what a port does: its role (IEEE 802.1D-2004 §17.7), and whether it discards frames, learns addresses from them, or forwards them. Told once a second: what a port passes through in between is not.',
    example: { port: '47', role: 'root', state: 'forwarding' },
  },
);
