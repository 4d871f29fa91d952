/** Which series have a past, by what names, and the past itself. */
import { HISTORY_VALUES, type HistoryRing, historyRing } from './history-ring.ts';
import { type FabricState, type History, TOTALS, UNIT_RATES, type UnitState } from './state.ts';

/** 4,000 series of ten minutes take 10 MB. */
const SERIES_MAX = 4000;

export interface Histories {
  keep(state: FabricState): void;
  find(series: string): Omit<History, 'sequence' | 'time'> | undefined;
}

type UnitName = Pick<UnitState, 'array' | 'target' | 'lun'>;

/** Totals always; logical units as far as there is room, and links if all of them fit. */
export function histories(units: readonly UnitName[], links: number, seriesMax = SERIES_MAX): Histories {
  const unitCount = Math.min(units.length, Math.floor((seriesMax - TOTALS.length) / UNIT_RATES.length));
  const linkFrom = TOTALS.length + unitCount * UNIT_RATES.length;
  const linkCount = linkFrom + links * 2 <= seriesMax ? links : 0;
  const places = new Map<string, number>();
  for (const name of TOTALS) places.set(`totals ${name}`, places.size);
  for (const unit of units.slice(0, unitCount)) for (const name of UNIT_RATES) places.set(`${unitKey(unit)} ${name}`, places.size);
  for (let link = 0; link < linkCount; link += 1) for (const end of [0, 1]) places.set(`link ${link} ${end} bitsPerSecond`, places.size);
  const ring: HistoryRing = historyRing(linkFrom + linkCount * 2, HISTORY_VALUES);

  return {
    keep(state) {
      const { current } = ring;
      for (let at = 0; at < TOTALS.length; at += 1) current[at] = state.totals[TOTALS[at]!];
      for (let index = 0; index < unitCount; index += 1) {
        const unit = state.units[index];
        const from = TOTALS.length + index * UNIT_RATES.length;
        for (let at = 0; at < UNIT_RATES.length; at += 1) current[from + at] = unit?.[UNIT_RATES[at]!] ?? 0;
      }
      for (let index = 0; index < linkCount; index += 1) {
        const ends = state.links[index]?.ends;
        current[linkFrom + index * 2] = ends?.[0].bitsPerSecond ?? 0;
        current[linkFrom + index * 2 + 1] = ends?.[1].bitsPerSecond ?? 0;
      }
      ring.next();
    },
    find(series) {
      const place = places.get(series);
      return place === undefined ? undefined : { series, values: ring.values(place) };
    },
  };
}

const unitKey = ({ array, target, lun }: UnitName): string => `unit ${array} ${target} ${lun}`;
