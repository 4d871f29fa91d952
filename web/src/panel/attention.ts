/** Links that somebody should look at: those that are cut first, then what drops, then what is only set to be faulty. */
import type { LinkState, Topology } from '../../../src/server/page.ts';
import type { Tone } from '../live/index.ts';
import { countText } from '../ui/format.ts';
import { faultWords } from './fault-words.ts';

export interface Attention {
  readonly index: number;
  readonly id: string;
  readonly tone: Tone;
  readonly words: string;
}

export function attentionOf({ links }: Topology, states: readonly (LinkState | undefined)[]): Attention[] {
  const found: (Attention & { readonly rank: number })[] = [];
  for (const state of states) {
    const link = state === undefined ? undefined : links[state.index];
    if (state === undefined || link === undefined) continue;
    const drops = state.ends[0].dropsPerSecond + state.ends[1].dropsPerSecond;
    const faults = faultWords(state.faults);
    const { index } = state;
    if (!state.up) found.push({ index, id: link.id, tone: 'bad', words: 'cut', rank: 0 });
    else if (drops > 0) found.push({ index, id: link.id, tone: 'warn', words: `${countText(drops)} drops/s`, rank: 1 });
    else if (faults !== '') found.push({ index, id: link.id, tone: 'warn', words: faults, rank: 2 });
  }
  return found.sort((a, b) => a.rank - b.rank);
}
