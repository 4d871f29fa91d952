/** How a path is. */
import type { PathReport } from '../../../src/server/page.ts';
import type { Tone } from '../live/index.ts';

export function pathTone({ state, inUse }: Pick<PathReport, 'state' | 'inUse'>): Tone {
  if (state === 'active') return inUse ? 'good' : 'idle';
  if (state === 'standby') return 'idle';
  if (state === 'off') return 'warn';
  return state === 'checking' || state === 'transitioning' ? 'busy' : state === 'unavailable' ? 'warn' : 'bad';
}
