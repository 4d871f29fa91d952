/** Colours for how well something is. */
import type { Colors } from 'picocolors/types.js';
import type { Tone } from './host-words.ts';

const plain = (text: string): string => text;

export const paint = (colors: Colors, tone: Tone): ((text: string) => string) =>
  ({ good: colors.green, busy: colors.yellow, bad: colors.red, plain })[tone];
