/** The whole fabric in a few figures. */
import type { Totals } from '../../../src/server/page.ts';
import { type Tone, useTotals } from '../live/index.ts';
import { byteRateText, countText, latencyText, wholeText } from '../ui/format.ts';
import { ToneMark } from '../ui/tone.tsx';

interface Figure {
  readonly name: string;
  readonly value: (totals: Totals) => string;
  /** Something is wrong while it holds. */
  readonly alarm?: (totals: Totals) => Tone | undefined;
}

const FIGURES: readonly Figure[] = [
  { name: 'Read', value: (totals) => byteRateText(totals.readBytesPerSecond) },
  { name: 'Written', value: (totals) => byteRateText(totals.writtenBytesPerSecond) },
  { name: 'IOPS', value: (totals) => countText(totals.readsPerSecond + totals.writesPerSecond) },
  { name: 'p99', value: (totals) => latencyText(totals.p99Nanos) },
  { name: 'Sessions', value: (totals) => wholeText(totals.sessions) },
  {
    name: 'Drops/s',
    value: (totals) => countText(totals.dropsPerSecond),
    alarm: (totals) => (totals.dropsPerSecond > 0 ? 'warn' : undefined),
  },
  { name: 'Links cut', value: (totals) => wholeText(totals.linksDown), alarm: (totals) => (totals.linksDown > 0 ? 'bad' : undefined) },
  { name: 'Paths down', value: (totals) => wholeText(totals.pathsDown), alarm: (totals) => (totals.pathsDown > 0 ? 'bad' : undefined) },
];

export const Figures = (): React.JSX.Element => {
  const totals = useTotals();
  return (
    <dl className="figures" aria-label="Totals">
      {FIGURES.map(({ name, value, alarm }) => {
        const tone = totals === undefined ? undefined : alarm?.(totals);
        return (
          <div key={name} className={tone === undefined ? undefined : `tone-${tone}`}>
            <dt>{name}</dt>
            <dd>
              {tone !== undefined && <ToneMark tone={tone} />}
              {totals === undefined ? '–' : value(totals)}
            </dd>
          </div>
        );
      })}
    </dl>
  );
};
