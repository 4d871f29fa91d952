/** A node of the kind that a dialect is for, whatever the dialect. */
import type { Dialect } from '../core/dialect.ts';
import { generateArray } from './generate-array.ts';
import { generateHost } from './generate-host.ts';
import { generateSwitch, type PortStyle } from './generate-switch.ts';
import type { Generated } from './generated.ts';

const STYLES: Readonly<Record<string, PortStyle>> = { onyx: 'slot', nxos: 'ethernet', ios: 'gigabit', procurve: 'number' };

export function nodeFor(dialect: Dialect, seed: number): Generated {
  if (dialect.kinds.includes('switch')) return generateSwitch(seed, { style: STYLES[dialect.name] ?? 'slot' });
  if (dialect.name === 'chelsio') return generateHost(seed, 'esxi', { drivers: { cxl: { max_vfs: ['2,2', '0,3,,4,0'], rss_q: [1, 16] } } });
  if (dialect.kinds.includes('host')) return generateHost(seed, dialect.system ?? 'linux');
  return generateArray(seed);
}
