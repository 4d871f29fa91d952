/** Hosts as plain data, for the terminal, for programs, and for whoever asks over the control socket. */
import type { IscsiAdapter } from '../storage/iscsi/adapter/index.ts';
import type { AdapterSession, AdapterSessionState, KnownTarget } from '../storage/iscsi/adapter/index.ts';
import { portalText } from '../storage/iscsi/initiator/portal-address.ts';
import type { PathStatus, UnitSituation } from '../storage/multipath/path-status.ts';
import type { Host, HostDevice, HostPath } from './host.ts';

export interface HostReport {
  readonly host: string;
  readonly adapters: readonly AdapterReport[];
  readonly devices: readonly DeviceReport[];
}

export interface AdapterReport {
  readonly adapter: string;
  readonly initiator: string;
  readonly alias: string | undefined;
  readonly rescanning: boolean;
  readonly servers: readonly ServerReport[];
  readonly targets: readonly HostTargetReport[];
}

export interface ServerReport {
  readonly server: string;
  readonly state: 'asking' | 'answered' | 'failed';
  readonly reason: string | undefined;
  /** Target portals that it named. */
  readonly targets: number;
}

/** A portal of a target, with the session there. */
export interface HostTargetReport {
  /** `C0:T0` of its paths' names. */
  readonly id: string;
  readonly target: string;
  readonly address: string;
  /** Static: it was given, or a server left it that was removed. */
  readonly discovery: 'static' | 'dynamic';
  /** Servers that name it. */
  readonly servers: readonly string[];
  readonly session: HostSessionReport;
}

export interface HostSessionReport {
  readonly state: AdapterSessionState;
  /** Why it is not logged in. */
  readonly reason: string | undefined;
  /** Where its connections are; another address than the target's after a redirection. */
  readonly portals: readonly string[];
  readonly isid: string | undefined;
  readonly tsih: number | undefined;
  readonly targetAlias: string | undefined;
  readonly authentication: 'none' | 'chap' | 'mutual-chap' | undefined;
  readonly headerDigest: boolean;
  readonly dataDigest: boolean;
  readonly errorRecoveryLevel: number | undefined;
  readonly commandsUnderWay: number;
  readonly luns: readonly number[];
}

export interface DeviceReport {
  readonly device: string;
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  readonly serial: string | undefined;
  readonly bytes: number | undefined;
  readonly blockSize: number | undefined;
  readonly thin: boolean;
  readonly state: UnitSituation;
  readonly paths: readonly PathReport[];
}

/**
 * The words of ESXi's path lists, and those of asymmetric access (SPC-4 §5.16.2) where it has none. `off` is what `esxcli storage core path set
 * --state off` sets.
 */
export type HostPathState = 'active' | 'standby' | 'unavailable' | 'transitioning' | 'checking' | 'dead' | 'off';

export interface PathReport {
  readonly path: string;
  readonly adapter: string;
  readonly target: string;
  readonly address: string;
  readonly lun: number;
  readonly state: HostPathState;
  /** Commands go by it now. */
  readonly inUse: boolean;
  readonly access: string | undefined;
  readonly preferred: boolean;
  readonly reason: string | undefined;
  readonly commands: number;
  readonly commandsUnderWay: number;
}

export const hostReport = (host: Host): HostReport => ({
  host: host.name,
  adapters: host.adapters.map(adapterReport),
  devices: [...host.devices.values()].map(deviceReport).toSorted((a, b) => (a.device < b.device ? -1 : 1)),
});

const adapterReport = (adapter: IscsiAdapter): AdapterReport => ({
  adapter: adapter.name,
  initiator: adapter.config.initiatorName,
  alias: adapter.config.initiatorAlias,
  rescanning: adapter.isRescanning,
  servers: adapter.servers.map(({ address, ...rest }) => ({ server: portalText(address), ...rest })),
  targets: adapter.targets.map((target) => targetReport(target, adapter.session(target))),
});

const targetReport = (target: KnownTarget, session: AdapterSession | undefined): HostTargetReport => ({
  id: `C${target.channel}:T${target.target}`,
  target: target.name,
  address: portalText(target.address),
  discovery: target.isStatic ? 'static' : 'dynamic',
  servers: [...target.servers].toSorted(),
  session: sessionReport(session),
});

function sessionReport(session: AdapterSession | undefined): HostSessionReport {
  const isUp = session?.state === 'logged-in';
  const core = isUp ? session.kept.session : undefined;
  const login = core?.login;
  return {
    state: session?.state ?? 'logged-out',
    reason: isUp ? undefined : session?.error?.message,
    portals: core?.connections.map((connection) => portalText(connection.address)) ?? [],
    isid: core?.isid,
    tsih: login?.tsih,
    targetAlias: login?.targetAlias,
    authentication: login?.authentication,
    headerDigest: login?.parameters.headerDigest ?? false,
    dataDigest: login?.parameters.dataDigest ?? false,
    errorRecoveryLevel: login?.parameters.errorRecoveryLevel,
    commandsUnderWay: core?.scheduler.inFlight ?? 0,
    luns: session?.units.map((unit) => unit.lun) ?? [],
  };
}

function deviceReport({ name, facts, unit, paths }: HostDevice): DeviceReport {
  const { situation, paths: states } = unit.status;
  const { vendor, product, revision, serial, capacity } = facts;
  return {
    device: name,
    vendor,
    product,
    revision,
    serial,
    bytes: capacity === undefined ? undefined : capacity.blocks * capacity.blockBytes,
    blockSize: capacity?.blockBytes,
    thin: capacity?.thin === true,
    state: situation,
    paths: states.flatMap((status) => {
      const path = paths.get(status.name);
      return path === undefined ? [] : [pathReport(path, status)];
    }),
  };
}

const pathReport = (path: HostPath, status: PathStatus): PathReport => ({
  path: path.name,
  adapter: path.adapter.name,
  target: path.session.target.name,
  address: portalText(path.session.target.address),
  lun: path.lun,
  state: pathState(status),
  inUse: status.active,
  access: status.access,
  preferred: status.preferred,
  reason: status.reason,
  commands: status.counters.commands,
  commandsUnderWay: status.commandsInFlight,
});

function pathState({ state, access }: PathStatus): HostPathState {
  if (state !== 'up') return state === 'down' ? 'dead' : state;
  if (access === 'standby' || access === 'transitioning') return access;
  return access === 'unavailable' || access === 'offline' ? 'unavailable' : 'active';
}
