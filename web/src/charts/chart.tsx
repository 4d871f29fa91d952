/** One chart, with the same in words and figures beside it. */
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import { useIsDark } from '../shell/theme.ts';
import { type Drawn, summaryOf } from './past.ts';
import { makePlot, type Plot } from './plot.ts';
import type { Chart } from './scopes.ts';

export interface ChartFrameProps {
  readonly chart: Chart;
  readonly drawn: Drawn | undefined;
}

export const ChartFrame = ({ chart, drawn }: ChartFrameProps): React.JSX.Element => {
  const { title, lines, text } = chart;
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const [pointed, setPointed] = useState<number | undefined>();
  const heading = useId();
  const isDark = useIsDark();
  const latest = useRef(drawn);
  latest.current = drawn;

  // Colours are painted, not styled: another theme takes another plot.
  useEffect(() => {
    const on = element.current!;
    const made = makePlot(on, { names: lines.map(({ name }) => name), text, onCursor: setPointed });
    plot.current = made;
    if (latest.current !== undefined) made.set(latest.current);
    const watcher = new ResizeObserver(() => made.resize(on.clientWidth, on.clientHeight));
    watcher.observe(on);
    return () => {
      watcher.disconnect();
      made.destroy();
    };
  }, [lines, text, isDark]);

  useEffect(() => {
    if (drawn !== undefined) plot.current?.set(drawn);
  }, [drawn]);

  const summaries = useMemo(() => lines.map((_, index) => summaryOf(drawn?.columns[index] ?? [])), [lines, drawn]);
  const shown = (value: number | null | undefined): string => (value === undefined || value === null ? '–' : text(value));
  return (
    <section className="chart" aria-labelledby={heading}>
      <header className="chart-head">
        <h3 id={heading}>{title}</h3>
        <dl className="chart-figures">
          {lines.map(({ name, series }, index) => {
            const { latest: now, least, most } = summaries[index]!;
            return (
              <div key={series} title={`${name}: least ${shown(least)}, most ${shown(most)} in ten minutes`}>
                <dt className={`line-${index + 1}`}>{name}</dt>
                <dd>
                  {pointed === undefined ? shown(now) : shown(drawn?.columns[index]?.[pointed])}
                  <span className="unseen">
                    {' '}
                    now; least {shown(least)}, most {shown(most)} in ten minutes
                  </span>
                </dd>
              </div>
            );
          })}
        </dl>
      </header>
      <div className="chart-plot" ref={element} aria-hidden="true" />
    </section>
  );
};
