/** Reads the counters of a running fabric once a second, for as long as it is up. */
import type { HostPathState } from '../../device/host-report.ts';
import type { RunningFabric } from '../running-fabric.ts';
import { detailOf } from './detail-of.ts';
import { histories } from './histories.ts';
import { sampleLinks } from './link-sampler.ts';
import type { NodeDetail } from './node-detail.ts';
import { perSecond, rounded } from './rates.ts';
import { keepSame } from './same-data.ts';
import type { Sampler } from './sampler.ts';
import { sessionOrigins } from './session-origins.ts';
import type { FabricState, SessionState, Totals } from './state.ts';
import { topologyOf, worldNode } from './topology-of.ts';
import { sampleUnits } from './unit-sampler.ts';

/** What the sampler stands on; a test brings its own. */
export interface SamplerTime {
  /** Monotonic. */
  nowMilliseconds(): number;
  date(): Date;
  /** Runs `action` after so many milliseconds; gives back what calls it off. */
  wait(milliseconds: number, action: () => void): () => void;
}

const PERIOD_MILLISECONDS = 1000;

const systemTime: SamplerTime = {
  nowMilliseconds: () => performance.now(),
  date: () => new Date(),
  wait(milliseconds, action) {
    const timer = setTimeout(action, milliseconds).unref();
    return () => clearTimeout(timer);
  },
};

export function startSampler(fabric: RunningFabric, time: SamplerTime = systemTime): Sampler {
  const { network, arrays, hosts } = fabric;
  const topology = topologyOf(fabric);
  const nodes = new Map(topology.nodes.map((node) => [node.id, node]));
  const links = sampleLinks(network?.network.links ?? []);
  const units = sampleUnits(arrays);
  const originsNow = sessionOrigins(fabric);
  const listeners = new Set<() => void>();
  const changes = { units: 0, sessions: 0, hosts: 0, world: 0 };
  const startedAt = time.nowMilliseconds();
  const upBefore = time.date().getTime() - fabric.startedAt.getTime();
  let sampledAt = startedAt;
  let retransmitted = 0;
  let details = new Map<string, NodeDetail>();
  let state: FabricState | undefined;
  let stopWaiting: (() => void) | undefined;

  const retransmissions = (): number =>
    (network?.network.machines ?? []).reduce((sum, machine) => sum + machine.tcp.counters.retransmittedSegments, 0);

  /** The list as it was if nothing in it differs; otherwise its change is noted. */
  const list = <Name extends keyof typeof changes>(name: Name, sequence: number, now: FabricState[Name]): FabricState[Name] => {
    const before = state?.[name];
    const kept = before === undefined ? now : (keepSame<unknown>(before, now) as FabricState[Name]);
    if (kept !== before) changes[name] = sequence;
    return kept;
  };

  const sessionStates = (): readonly SessionState[] => {
    const reports = arrays.sessions();
    if (reports.length === 0) return [];
    const originOf = originsNow();
    return reports.map((session) => ({ ...session, from: originOf(session) }));
  };

  const sample = (): FabricState => {
    const now = time.nowMilliseconds();
    const seconds = state === undefined ? 0 : (now - sampledAt) / 1000;
    sampledAt = now;
    const sequence = (state?.sequence ?? 0) + 1;
    links.sample(sequence, seconds);
    units.sample(seconds);
    const resent = retransmissions();
    const sessions = list('sessions', sequence, sessionStates());
    const hostReports = list('hosts', sequence, hosts.reports());
    const totals: Totals = {
      ...units.total,
      linkBitsPerSecond: rounded(links.bitsPerSecond),
      dropsPerSecond: rounded(links.dropsPerSecond, 1),
      retransmissionsPerSecond: state === undefined ? 0 : rounded(perSecond(resent, retransmitted, seconds), 1),
      sessions: sessions.length,
      linksDown: links.down,
      pathsDown: pathsDown(hostReports),
    };
    retransmitted = resent;
    details = new Map();
    return {
      sequence,
      time: time.date().toISOString(),
      upMilliseconds: Math.round(upBefore + now - startedAt),
      totals,
      links: links.states,
      units: list('units', sequence, units.states),
      sessions,
      hosts: hostReports,
      world: list(
        'world',
        sequence,
        (network?.attachments() ?? []).map(({ port, present }) => ({ id: worldNode(port), present })),
      ),
    };
  };

  let latest = sample();
  state = latest;
  const past = histories(latest.units, latest.links.length);
  past.keep(latest);

  /** Aims at whole periods since the start, however late a sample was; those that were missed are not made up for. */
  const waitForNext = (): void => {
    const elapsed = time.nowMilliseconds() - startedAt;
    const next = (Math.floor(elapsed / PERIOD_MILLISECONDS + 0.1) + 1) * PERIOD_MILLISECONDS;
    stopWaiting = time.wait(next - elapsed, () => {
      latest = sample();
      state = latest;
      past.keep(latest);
      waitForNext();
      for (const listener of listeners) listener();
    });
  };
  waitForNext();

  return {
    topology,
    get state() {
      return latest;
    },
    get linkChanges() {
      return links.changes;
    },
    changes,
    detail(id) {
      const known = details.get(id);
      if (known !== undefined) return known;
      const node = nodes.get(id);
      if (node === undefined) return undefined;
      // The same for all who ask until the next sample.
      const detail = detailOf(fabric, latest, node);
      details.set(id, detail);
      return detail;
    },
    history(series) {
      const found = past.find(series);
      return found === undefined ? undefined : { ...found, sequence: latest.sequence, time: latest.time };
    },
    onSample(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      stopWaiting?.();
      listeners.clear();
    },
  };
}

const DOWN: ReadonlySet<HostPathState> = new Set(['dead', 'unavailable']);

const pathsDown = (hosts: FabricState['hosts']): number =>
  hosts.reduce(
    (sum, { devices }) => sum + devices.reduce((down, { paths }) => down + paths.filter(({ state }) => DOWN.has(state)).length, 0),
    0,
  );
