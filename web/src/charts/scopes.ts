/** What charts are about, the whole fabric, a logical unit or a link, and which charts there are of each. */
import type { LinkState, Topology, Totals, UnitState } from '../../../src/server/page.ts';
import { bitRateText, byteRateText, countText, latencyText, shortName } from '../ui/format.ts';

export interface Line {
  readonly name: string;
  /** As the fabric calls its past. */
  readonly series: string;
  /** The fabric has kept it; otherwise it begins with the page. */
  readonly hasPast: boolean;
  /** As of the latest update. */
  readonly now: (known: Known) => number | undefined;
}

export interface Chart {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly text: (value: number) => string;
}

export interface Known {
  readonly totals: Totals | undefined;
  readonly units: readonly UnitState[];
  readonly links: readonly (LinkState | undefined)[];
}

export interface Scope {
  readonly key: string;
  readonly name: string;
  readonly charts: readonly Chart[];
}

/** Of more the fabric keeps no past. */
const LINKS_WITH_PAST_MAX = 1500;

const perSecond = (value: number): string => `${countText(value)}/s`;

type UnitFigure = 'readsPerSecond' | 'writesPerSecond' | 'readBytesPerSecond' | 'writtenBytesPerSecond' | 'meanNanos' | 'p99Nanos';

/** The same charts of the whole fabric and of one unit. */
const storageCharts = (lineOf: (name: string, figure: UnitFigure) => Line): readonly Chart[] => [
  { title: 'Throughput', text: byteRateText, lines: [lineOf('read', 'readBytesPerSecond'), lineOf('written', 'writtenBytesPerSecond')] },
  { title: 'Operations', text: perSecond, lines: [lineOf('reads', 'readsPerSecond'), lineOf('writes', 'writesPerSecond')] },
  { title: 'Latency', text: latencyText, lines: [lineOf('mean', 'meanNanos'), lineOf('p99', 'p99Nanos')] },
];

const totalsLine = (name: string, figure: keyof Totals): Line => ({
  name,
  series: `totals ${figure}`,
  hasPast: true,
  now: ({ totals }) => totals?.[figure],
});

export const WHOLE: Scope = {
  key: 'whole',
  name: 'Whole fabric',
  charts: [
    ...storageCharts(totalsLine),
    {
      title: 'Lost on the way',
      text: perSecond,
      lines: [totalsLine('sent again', 'retransmissionsPerSecond'), totalsLine('drops', 'dropsPerSecond')],
    },
  ],
};

export function unitScope({ array, target, lun }: Pick<UnitState, 'array' | 'target' | 'lun'>): Scope {
  const key = `unit ${array} ${target} ${lun}`;
  return {
    key,
    name: `${array}, ${shortName(target)}, LUN ${lun}`,
    charts: storageCharts((name, figure) => ({
      name,
      series: `${key} ${figure}`,
      hasPast: true,
      now: ({ units }) => units.find((unit) => unit.array === array && unit.target === target && unit.lun === lun)?.[figure],
    })),
  };
}

export function linkScope(topology: Topology, index: number): Scope | undefined {
  const link = topology.links[index];
  if (link?.kind !== 'link') return undefined;
  const lines = (figure: 'bitsPerSecond' | 'dropsPerSecond'): readonly Line[] =>
    ([0, 1] as const).map((end) => ({
      name: `${link.ends[end].node}:${link.ends[end].port}`,
      series: `link ${index} ${end} ${figure}`,
      hasPast: figure === 'bitsPerSecond' && topology.links.length <= LINKS_WITH_PAST_MAX,
      now: ({ links }) => links[index]?.ends[end][figure],
    }));
  return {
    key: `link ${index}`,
    name: link.id,
    charts: [
      { title: 'Sent by', text: bitRateText, lines: lines('bitsPerSecond') },
      { title: 'Dropped', text: perSecond, lines: lines('dropsPerSecond') },
    ],
  };
}
