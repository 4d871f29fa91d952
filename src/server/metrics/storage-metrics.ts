/** Metrics of logical units, sessions, hosts' paths. */
import type { HostPathState } from '../../device/host-report.ts';
import type { UnitReport } from '../../os/running.ts';
import type { RunningFabric } from '../running-fabric.ts';
import { counter, gauge, type Labels, type MetricFamily, type MetricValue } from './family.ts';
import type { Readings } from './readings.ts';

const PATH_STATES = [
  'active',
  'standby',
  'unavailable',
  'transitioning',
  'checking',
  'dead',
  'off',
] as const satisfies readonly HostPathState[];
/** Bounds of latencies are powers of two, at which buckets of the histogram end: 2^12 ns are 4 us, 2^33 ns are 9 s. */
const FIRST_POWER = 12;
const LAST_POWER = 33;
const BOUNDS: readonly Labels[] = Array.from({ length: LAST_POWER - FIRST_POWER + 1 }, (_, at) => ({ le: 2 ** (FIRST_POWER + at) / 1e9 }));
const WITHOUT_BOUND: Labels = { le: '+Inf' };

export function storageMetrics(arrays: RunningFabric['arrays'], readings: Readings): MetricFamily[] {
  const labels = new Map<string, Labels>();
  const labelsOf = ({ array, target, lun }: UnitReport): Labels => {
    const key = `${array}\n${target}\n${lun}`;
    const known = labels.get(key) ?? { array, target, lun };
    labels.set(key, known);
    return known;
  };
  const ofUnits = (value: (unit: UnitReport) => number) => (): MetricValue[] =>
    readings.units().map((unit) => ({ value: value(unit), sharedLabels: labelsOf(unit) }));
  return [
    gauge(
      'lun_size_bytes',
      'Capacity of the logical unit.',
      ofUnits((unit) => unit.bytes),
    ),
    counter(
      'lun_read_commands',
      'Commands that read blocks.',
      ofUnits((unit) => unit.readCommands),
    ),
    counter(
      'lun_write_commands',
      'Commands that write blocks.',
      ofUnits((unit) => unit.writeCommands),
    ),
    counter(
      'lun_other_commands',
      'Commands that do neither.',
      ofUnits((unit) => unit.otherCommands),
    ),
    counter(
      'lun_read_bytes',
      'Bytes read.',
      ofUnits((unit) => unit.readBytes),
    ),
    counter(
      'lun_written_bytes',
      'Bytes written.',
      ofUnits((unit) => unit.writtenBytes),
    ),
    counter(
      'lun_check_conditions',
      'Commands that ended with CHECK CONDITION.',
      ofUnits((unit) => unit.checkConditions),
    ),
    {
      name: 'samewire_lun_command_duration_seconds',
      help: 'From the arrival of a command at the logical unit to its end.',
      type: 'histogram',
      read: () => {
        const histograms = arrays.latencies();
        return readings.units().flatMap((unit, index) => {
          const histogram = histograms[index];
          if (histogram === undefined) return [];
          const sharedLabels = labelsOf(unit);
          const metric = 'samewire_lun_command_duration_seconds';
          const below = histogram.belowPowers(FIRST_POWER, LAST_POWER);
          return [
            ...below.map((value, at) => ({ metricName: `${metric}_bucket`, value, sharedLabels, labels: BOUNDS[at]! })),
            { metricName: `${metric}_bucket`, value: histogram.count, sharedLabels, labels: WITHOUT_BOUND },
            { metricName: `${metric}_sum`, value: histogram.sum / 1e9, sharedLabels },
            { metricName: `${metric}_count`, value: histogram.count, sharedLabels },
          ];
        });
      },
    },
    gauge('sessions', 'Sessions at targets of the fabric; those without a target are discovery sessions.', () =>
      sessionValues(arrays, readings, () => 1),
    ),
    gauge('session_commands_under_way', 'Commands that sessions have under way.', () =>
      sessionValues(arrays, readings, (session) => session.commandsUnderWay),
    ),
    gauge('paths', 'Paths of hosts to their devices, by the state they are in.', () =>
      readings.hosts().flatMap(({ host, adapters, devices }) => {
        // Most hosts of a large fabric may have no storage.
        if (adapters.length === 0) return [];
        const paths = devices.flatMap((device) => device.paths);
        return PATH_STATES.map((state) => ({ value: paths.filter((path) => path.state === state).length, labels: { host, state } }));
      }),
    ),
    counter('path_commands', 'Commands that hosts sent by a path.', () =>
      readings
        .hosts()
        .flatMap(({ host, devices }) =>
          devices.flatMap(({ device, paths }) => paths.map(({ path, commands }) => ({ value: commands, labels: { host, device, path } }))),
        ),
    ),
  ];
}

function sessionValues(
  arrays: RunningFabric['arrays'],
  readings: Readings,
  value: (session: ReturnType<RunningFabric['arrays']['sessions']>[number]) => number,
): MetricValue[] {
  const sums = new Map<string, { value: number; readonly labels: Labels }>();
  const sumOf = (array: string, target: string): { value: number } => {
    const key = `${array}\n${target}`;
    const known = sums.get(key) ?? { value: 0, labels: { array, target } };
    sums.set(key, known);
    return known;
  };
  // A target without a session has none: its zero is told, too.
  for (const [array, { targets }] of Object.entries(arrays.ready.arrays)) for (const { name } of targets) sumOf(array, name);
  for (const session of readings.sessions()) sumOf(session.array, session.target ?? '').value += value(session);
  return [...sums.values()];
}
