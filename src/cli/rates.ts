/** IOPS and MB/s of each LUN, from counters that only grow. */
import type { UnitReport } from '../os/running.ts';

export interface UnitRate {
  readonly unit: UnitReport;
  readonly readsPerSecond: number;
  readonly writesPerSecond: number;
  readonly readBytesPerSecond: number;
  readonly writtenBytesPerSecond: number;
}

/** Gives back a function to be called with each new reading; rates are over the time since the one before. */
export function rateMeter(): (nowMilliseconds: number, units: readonly UnitReport[]) => readonly UnitRate[] {
  let before = new Map<string, UnitReport>();
  let beforeMilliseconds = 0;
  return (nowMilliseconds, units) => {
    const seconds = (nowMilliseconds - beforeMilliseconds) / 1000;
    const rates = units.map((unit) => {
      const last = before.get(key(unit));
      const perSecond = (counter: CounterName): number =>
        last === undefined || seconds <= 0 ? 0 : Math.max(0, unit[counter] - last[counter]) / seconds;
      return {
        unit,
        readsPerSecond: perSecond('readCommands'),
        writesPerSecond: perSecond('writeCommands'),
        readBytesPerSecond: perSecond('readBytes'),
        writtenBytesPerSecond: perSecond('writtenBytes'),
      };
    });
    before = new Map(units.map((unit) => [key(unit), unit]));
    beforeMilliseconds = nowMilliseconds;
    return rates;
  };
}

type CounterName = 'readCommands' | 'writeCommands' | 'readBytes' | 'writtenBytes';

const key = (unit: UnitReport): string => `${unit.array}\n${unit.target}\n${unit.lun}`;
