/** The past of the lines of some charts: asked for once, then kept up with updates, and asked for again where some are missing. */
import { useEffect, useState } from 'react';
import { live } from '../live/index.ts';
import { type Answered, type Drawn, Past } from './past.ts';
import type { Line } from './scopes.ts';

interface HistoryAnswer {
  readonly histories: readonly (Answered & { readonly time: string })[];
}

/** Not more often than so, however many updates are missing. */
const ASK_AGAIN_MILLISECONDS = 5000;

export function usePast(lines: readonly Line[]): Drawn | undefined {
  const [drawn, setDrawn] = useState<Drawn | undefined>();
  useEffect(() => {
    const { store, api } = live;
    const past = new Past(lines.map(({ series }) => series));
    let isWanted = true;
    let asked = 0;
    const ask = async (): Promise<void> => {
      asked = Date.now();
      // Each for itself: not all of them have a past, in large fabrics.
      const answers = await Promise.all(
        lines
          .filter(({ hasPast }) => hasPast)
          .map(({ series }) => api.get<HistoryAnswer>('/api/history', { series: [series] }).catch(() => undefined)),
      );
      if (!isWanted) return;
      const histories = answers.flatMap((answer) => answer?.histories ?? []);
      if (histories.length > 0) past.fill(histories, Date.parse(histories[0]!.time));
      setDrawn(past.drawn());
    };
    const append = (): void => {
      const { latest } = store;
      if (latest === undefined || latest.sequence === past.last) return;
      const isWhole = past.append(
        latest.sequence,
        Date.parse(latest.time),
        lines.map(({ now }) => now(store) ?? Number.NaN),
      );
      if (!isWhole && Date.now() - asked > ASK_AGAIN_MILLISECONDS) void ask();
      setDrawn(past.drawn());
    };
    void ask();
    append();
    const stop = store.topics.listen('update', append);
    return () => {
      isWanted = false;
      stop();
    };
  }, [lines]);
  return drawn;
}
