/** Asks a fabric that is up for everything that a report has of it. What can't be had is told, and the rest goes on. */
import type { LoggedEvent } from '../event-log.ts';
import { type FabricState, type History, TOTALS, UNIT_RATES } from '../view/state.ts';
import type { Topology } from '../view/topology.ts';

/** How a running fabric is asked. All of it rejects with a sentence. */
export interface Asking {
  get(url: string): Promise<unknown>;
  text(url: string): Promise<string>;
  capture(at: string, asked: CaptureAsked): Promise<Uint8Array>;
  wait(milliseconds: number): Promise<void>;
}

export interface CaptureAsked {
  readonly seconds: number;
  readonly frames: number;
  readonly bytes: number;
  readonly headersOnly: boolean;
}

/** As `/api/fabric` tells it. */
export interface FabricTold {
  readonly name: string;
  readonly version: string;
  readonly file?: string;
  readonly startedAt: string;
  readonly onlyChecked: readonly string[];
}

export interface Collected {
  readonly fabric: FabricTold | undefined;
  readonly topology: Topology | undefined;
  /** Two, a while apart: from their difference come rates over it. */
  readonly states: readonly FabricState[];
  readonly network: unknown;
  readonly hosts: unknown;
  readonly sessions: unknown;
  readonly units: unknown;
  readonly checks: unknown;
  readonly events: readonly LoggedEvent[];
  readonly metrics: string | undefined;
  readonly histories: readonly History[];
  readonly captures: readonly { readonly at: string; readonly bytes: Uint8Array }[];
  readonly leftOut: readonly LeftOut[];
}

export interface LeftOut {
  readonly what: string;
  readonly why: string;
}

const BETWEEN_STATES_MILLISECONDS = 2000;
const EVENTS_MAX = 10_000;
/** A request takes so many series. */
const SERIES_AT_ONCE = 20;
const UNITS_MAX = 20;
const LINKS_MAX = 100;

export interface Wanted {
  readonly captures: readonly string[];
  readonly capture: CaptureAsked;
}

export async function collect(asking: Asking, wanted: Wanted, progress: (what: string) => void): Promise<Collected> {
  const leftOut: LeftOut[] = [];
  const attempt = async <T>(what: string, ask: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await ask();
    } catch (error) {
      leftOut.push({ what, why: error instanceof Error ? error.message : String(error) });
      return undefined;
    }
  };
  const get = <T>(what: string, url: string): Promise<T | undefined> => attempt(what, () => asking.get(url) as Promise<T>);

  progress('what is up');
  const fabric = await get<FabricTold>('fabric.json', '/api/fabric');
  const topology = await get<Topology>('topology.json', '/api/topology');
  progress('state and counters');
  const states = [await get<FabricState>('state-1.json', '/api/state')];
  const network = await get('network.json', '/api/network');
  const hosts = await get('hosts.json', '/api/hosts');
  const sessions = await get('sessions.json', '/api/sessions');
  const units = await get('units.json', '/api/units');
  const checks = await get('checks.json', '/api/checks');
  const metrics = await attempt('metrics.txt', () => asking.text('/metrics'));
  const captures = await captured(asking, wanted, attempt, progress);
  if (captures.length === 0) await asking.wait(BETWEEN_STATES_MILLISECONDS);
  states.push(await get<FabricState>('state-2.json', '/api/state'));
  progress('histories');
  const histories = await attempt('histories.json', () => historiesOf(asking, states[0]));
  // The last thing: what was done here may have been heard.
  progress('events');
  const events = await get<{ readonly events: readonly LoggedEvent[] }>('events.jsonl', `/api/events?severity=debug&limit=${EVENTS_MAX}`);
  return {
    fabric,
    topology,
    states: states.filter((one) => one !== undefined),
    network,
    hosts,
    sessions,
    units,
    checks,
    events: events?.events ?? [],
    metrics,
    histories: histories ?? [],
    captures,
    leftOut,
  };
}

/** All of them at the same time: what comes in at one place leaves at another. */
async function captured(
  asking: Asking,
  { captures, capture }: Wanted,
  attempt: <T>(what: string, ask: () => Promise<T>) => Promise<T | undefined>,
  progress: (what: string) => void,
): Promise<{ readonly at: string; readonly bytes: Uint8Array }[]> {
  if (captures.length === 0) return [];
  progress(`captures at ${captures.join(', ')}, for ${capture.seconds} s`);
  const all = await Promise.all(
    captures.map(async (at) => ({ at, bytes: await attempt(`capture at ${at}`, () => asking.capture(at, capture)) })),
  );
  return all.flatMap(({ at, bytes }) => (bytes === undefined ? [] : [{ at, bytes }]));
}

async function historiesOf(asking: Asking, state: FabricState | undefined): Promise<History[]> {
  const units = (state?.units ?? []).slice(0, UNITS_MAX);
  const links = (state?.links ?? []).slice(0, LINKS_MAX);
  const series = [
    ...TOTALS.map((name) => `totals ${name}`),
    ...units.flatMap(({ array, target, lun }) => UNIT_RATES.map((name) => `unit ${array} ${target} ${lun} ${name}`)),
    ...links.flatMap(({ index }) => [0, 1].map((end) => `link ${index} ${end} bitsPerSecond`)),
  ];
  const found: History[] = [];
  for (let at = 0; at < series.length; at += SERIES_AT_ONCE) {
    const query = series.slice(at, at + SERIES_AT_ONCE).map((name) => `series=${encodeURIComponent(name)}`);
    const answer = (await asking.get(`/api/history?${query.join('&')}`)) as { readonly histories: readonly History[] };
    found.push(...answer.histories);
  }
  return found;
}
