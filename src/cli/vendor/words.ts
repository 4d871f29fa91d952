/** What the commands over devices have in common to say. */
import type { Colors } from 'picocolors/types.js';
import type { Gathered, GatheredNode, Mistake } from '../../vendor/import/gather.ts';
import type { Positions } from '../../fabric/positions.ts';
import type { Origin } from '../../vendor/core/setting.ts';
import { valueText } from '../../vendor/core/setting.ts';
import { count, plainLine } from '../plain-text.ts';

/** A line of an output is cut here. */
const LINE_MAX = 160;

/** `fabric.yaml:12`, `tor1.txt:44`. */
export function placeOf(from: Origin, positions: Positions | undefined): { readonly file: string; readonly line: number } {
  if (from.kind === 'output') return { file: from.file, line: from.line };
  return { file: positions?.file ?? '', line: positions?.key(from.at).line ?? 1 };
}

export const placeText = ({ file, line }: { readonly file: string; readonly line: number }): string => plainLine(`${file}:${line}`);

export const mistakeText = ({ file, line, message }: Mistake): string =>
  `${plainLine(file)}${line === undefined ? '' : `:${line}`}: ${plainLine(message)}`;

/** Lines that nobody understood are shown, each with its place. */
export function unknownText({ nodes }: Gathered, colors: Colors): string {
  const lines = nodes.flatMap(({ sources }) =>
    sources.flatMap(({ file, reading }) =>
      reading.unknown.map(({ line, text, why }) => {
        const shown = plainLine(text.trim()).slice(0, LINE_MAX);
        return `  ${plainLine(file)}:${line}: ${shown}${why === undefined ? '' : colors.dim(`  (${plainLine(why)})`)}\n`;
      }),
    ),
  );
  if (lines.length === 0) return '';
  return `${colors.yellow(`${count(lines.length, 'line')} not understood:`)}\n${lines.join('')}`;
}

export function conflictText({ name, conflicts }: GatheredNode, colors: Colors): string {
  return conflicts
    .map(({ key, kept, other }) => {
      const places = [kept, other].map(({ value, from }) => `${plainLine(valueText(value))} in ${placeText(placeOf(from, undefined))}`);
      return `${colors.yellow('outputs disagree')} on ${plainLine(key)} of ${name}: ${places.join(', ')}; the first is kept.\n`;
    })
    .join('');
}
