/** Everything that is tried, in the order of the table. */
import { accessFeatures } from './access.ts';
import { commandFeatures } from './commands.ts';
import type { Feature } from './feature.ts';
import { sessionFeatures } from './sessions.ts';
import { transferFeatures } from './transfer.ts';

export const FEATURES: readonly Feature[] = [...accessFeatures, ...transferFeatures, ...commandFeatures, ...sessionFeatures];
