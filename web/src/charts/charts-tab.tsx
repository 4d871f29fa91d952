/** Figures over the last ten minutes. */
import { useMemo, useState } from 'react';
import 'uplot/dist/uPlot.min.css';
import { useTopology, useUnits } from '../live/index.ts';
import type { Selection } from '../shell/selection.ts';
import { clockText } from '../ui/format.ts';
import { ChartFrame } from './chart.tsx';
import type { Drawn } from './past.ts';
import { linkScope, type Scope, unitScope, WHOLE } from './scopes.ts';
import { usePast } from './use-past.ts';

const UNITS_MAX = 300;

export const ChartsTab = ({ selected }: { readonly selected: Selection | undefined }): React.JSX.Element => {
  const scopes = useScopes(selected);
  const usual = usualOf(scopes, selected);
  /** What somebody chose holds until something else is selected on the map. */
  const [chosen, setChosen] = useState<{ readonly key: string; readonly for: Selection | undefined } | undefined>();
  const key = chosen !== undefined && chosen.for === selected ? chosen.key : usual;
  const scope = scopes.find((one) => one.key === key) ?? WHOLE;
  return (
    <div className="tab-pane">
      <div className="toolbar">
        <label className="labelled">
          Of{' '}
          <select value={scope.key} onChange={(event) => setChosen({ key: event.target.value, for: selected })}>
            {scopes.map(({ key: one, name }) => (
              <option key={one} value={one}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Charts key={scope.key} scope={scope} />
    </div>
  );
};

const Charts = ({ scope }: { readonly scope: Scope }): React.JSX.Element => {
  const lines = useMemo(() => scope.charts.flatMap((chart) => chart.lines), [scope]);
  const drawn = usePast(lines);
  let from = 0;
  return (
    <div
      className="charts"
      role="region"
      aria-label={`Charts of ${scope.name}${drawn === undefined ? '' : `, up to ${clockText(lastTime(drawn))}`}`}
      tabIndex={0}
    >
      {scope.charts.map((chart) => {
        const first = from;
        from += chart.lines.length;
        return <ChartPart key={chart.title} chart={chart} drawn={drawn} first={first} />;
      })}
    </div>
  );
};

interface ChartPartProps {
  readonly chart: Scope['charts'][number];
  readonly drawn: Drawn | undefined;
  /** Its first column. */
  readonly first: number;
}

const ChartPart = ({ chart, drawn, first }: ChartPartProps): React.JSX.Element => {
  const part = useMemo(
    () => (drawn === undefined ? undefined : { times: drawn.times, columns: drawn.columns.slice(first, first + chart.lines.length) }),
    [drawn, first, chart],
  );
  return <ChartFrame chart={chart} drawn={part} />;
};

const lastTime = ({ times }: Drawn): string => new Date((times.at(-1) ?? 0) * 1000).toISOString();

/** The names of units stay; their figures are of no interest here. */
function useScopes(selected: Selection | undefined): readonly Scope[] {
  const topology = useTopology();
  const units = useUnits();
  const names = JSON.stringify(units.slice(0, UNITS_MAX).map(({ array, target, lun }) => ({ array, target, lun })));
  return useMemo(() => {
    const link = selected?.kind === 'link' && topology !== undefined ? linkScope(topology, selected.index) : undefined;
    const ofUnits = (JSON.parse(names) as Parameters<typeof unitScope>[0][]).map(unitScope);
    return [WHOLE, ...(link === undefined ? [] : [link]), ...ofUnits];
  }, [topology, names, selected]);
}

function usualOf(scopes: readonly Scope[], selected: Selection | undefined): string {
  if (selected === undefined) return WHOLE.key;
  const wanted = selected.kind === 'link' ? `link ${selected.index}` : `unit ${selected.id} `;
  return scopes.find(({ key }) => (selected.kind === 'link' ? key === wanted : key.startsWith(wanted)))?.key ?? WHOLE.key;
}
