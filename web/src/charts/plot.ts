/** Draws one chart with uPlot, in the colours of the page. */
import UPlot from 'uplot';
import type { Drawn } from './past.ts';

export interface PlotOptions {
  readonly names: readonly string[];
  readonly text: (value: number) => string;
  /** Of the sample under the pointer; undefined: it is elsewhere. */
  readonly onCursor: (index: number | undefined) => void;
}

export interface Plot {
  set(drawn: Drawn): void;
  resize(width: number, height: number): void;
  destroy(): void;
}

/** Of lines, in their order; the second is dashed too. */
const COLOURS = ['--chart-1', '--chart-2'] as const;

export function makePlot(element: HTMLElement, { names, text, onCursor }: PlotOptions): Plot {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  const font = `11px ${token('--font')}`;
  const axis = { stroke: token('--ink-muted'), font, grid: { stroke: token('--line'), width: 1 }, ticks: { show: false } };
  const plot = new UPlot(
    {
      width: Math.max(1, element.clientWidth),
      height: Math.max(1, element.clientHeight),
      padding: [6, 8, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: 'samewire' }, points: { size: 6 }, drag: { x: false, y: false }, y: false },
      scales: { x: { time: true }, y: { range: (_, __, most) => [0, niceMost(most)] } },
      series: [
        {},
        ...names.map((label, index) => ({
          label,
          stroke: token(COLOURS[index % 2]!),
          width: 1.5,
          points: { show: false },
          ...(index === 0 ? { fill: `color-mix(in srgb, ${token(COLOURS[0])} 12%, transparent)` } : { dash: [5, 3] }),
        })),
      ],
      axes: [
        { ...axis, size: 20, space: 70, gap: 3, values: (_, splits) => splits.map(hoursAndMinutes) },
        { ...axis, size: 64, gap: 4, space: 26, values: (_, splits) => splits.map((value) => (value === 0 ? '0' : text(value))) },
      ],
      hooks: { setCursor: [({ cursor }) => onCursor(cursor.idx ?? undefined)] },
    },
    [[0], ...names.map(() => [null])] as UPlot.AlignedData,
    element,
  );
  return {
    set: ({ times, columns }) => plot.setData([times, ...columns] as unknown as UPlot.AlignedData),
    resize: (width, height) => plot.setSize({ width: Math.max(1, width), height: Math.max(1, height) }),
    destroy: () => plot.destroy(),
  };
}

/** Room above the line; never an axis of nothing. */
const niceMost = (most: number | null): number => (most === null || !(most > 0) ? 1 : most * 1.08);

function hoursAndMinutes(seconds: number): string {
  const time = new Date(seconds * 1000);
  return `${String(time.getHours()).padStart(2, '0')}:${String(time.getMinutes()).padStart(2, '0')}`;
}
