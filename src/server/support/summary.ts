/** The first page of a report: what is up, what is wrong, what was said last. */
import type { HostReport } from '../../device/host-report.ts';
import type { Problem } from '../../fabric/problem.ts';
import type { LoggedEvent } from '../event-log.ts';
import type { Collected } from './collect.ts';

const PROBLEMS_MAX = 30;
const EVENTS_MAX = 30;
const LINES_MAX = 50;

export interface SummaryOf {
  readonly version: string;
  readonly made: Date;
  readonly file: string | undefined;
  readonly problems: readonly Problem[];
  /** Undefined: the fabric is not up. */
  readonly collected: Collected | undefined;
}

export function summaryText({ version, made, file, problems, collected }: SummaryOf): string {
  return [
    `Samewire ${version}, ${made.toISOString()}`,
    '',
    ...upLines(collected),
    ...section(`Found in ${file ?? 'the fabric file'}`, problemLines(problems), file === undefined ? 'there is no file' : 'nothing'),
    ...(collected === undefined ? [] : runningLines(collected)),
    ...(collected === undefined
      ? []
      : section(
          'Not in this report',
          collected.leftOut.map(({ what, why }) => `${what}: ${why}`),
          undefined,
        )),
  ]
    .join('\n')
    .concat('\n');
}

const section = (title: string, lines: readonly string[], none: string | undefined): string[] => {
  if (lines.length === 0) return none === undefined ? [] : [`${title}: ${none}`, ''];
  const shown = lines.slice(0, LINES_MAX).map((line) => `  ${line}`);
  return [`${title}:`, ...shown, ...(lines.length > LINES_MAX ? [`  and ${lines.length - LINES_MAX} more`] : []), ''];
};

function upLines(collected: Collected | undefined): string[] {
  if (collected === undefined) return ['The fabric is not up, or not as this user.', ''];
  const { fabric, states, topology } = collected;
  const state = states.at(-1);
  if (fabric === undefined) return ['The fabric is up, but did not say which it is.', ''];
  const lines = [`${fabric.name} is up since ${fabric.startedAt} (Samewire ${fabric.version}).`];
  if (topology !== undefined) lines.push(`${topology.nodes.length} nodes, ${topology.links.length} links`);
  if (state !== undefined) {
    const { totals } = state;
    lines.push(
      `${totals.sessions} sessions, ${Math.round(totals.readsPerSecond)} reads/s, ${Math.round(totals.writesPerSecond)} writes/s, ${Math.round(totals.dropsPerSecond)} drops/s`,
      `${totals.linksDown} links down, ${totals.pathsDown} paths down`,
    );
  }
  if (fabric.onlyChecked.length > 0) lines.push(`only checked, and not run: ${fabric.onlyChecked.join(', ')}`);
  return [...lines, ''];
}

const problemLines = (problems: readonly Problem[]): string[] => {
  const shown = problems.slice(0, PROBLEMS_MAX).map(({ severity, rule, line, message }) => `${severity} ${rule} line ${line}: ${message}`);
  return problems.length > PROBLEMS_MAX ? [...shown, `and ${problems.length - PROBLEMS_MAX} more, in checks.json`] : shown;
};

function runningLines({ states, topology, hosts, events }: Collected): string[] {
  const state = states.at(-1);
  const down = (state?.links ?? []).filter(({ up }) => !up).map(({ index }) => topology?.links[index]?.id ?? `link ${index}`);
  const reports = (hosts as { readonly hosts?: readonly HostReport[] } | undefined)?.hosts ?? [];
  const loud = events.filter(({ severity }) => severity === 'warning' || severity === 'error').slice(-EVENTS_MAX);
  return [
    ...section('Links down', down, 'none'),
    ...section('Paths that are not in use', reports.flatMap(pathLines), 'none'),
    ...section('Last warnings and errors', loud.map(eventLine), 'none'),
  ];
}

const pathLines = ({ host, devices }: HostReport): string[] =>
  devices.flatMap(({ device, paths }) =>
    paths
      .filter(({ state }) => state !== 'active' && state !== 'standby')
      .map(({ path, state, reason }) => `${host} ${device} ${path}: ${state}${reason === undefined ? '' : `, ${reason}`}`),
  );

const eventLine = ({ time, severity, id, name, source, message }: LoggedEvent): string =>
  `${time} ${severity} ${id} ${name} ${source}: ${message}`;
