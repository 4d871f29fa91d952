/** Fills docs/silent-pfc.md: behind each change to the fabric stands what `samewire check` prints of it. `npm run docs`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createColors } from 'picocolors';
import { check } from '../src/cli/check.ts';
import type { CommandContext } from '../src/cli/context.ts';

export const SILENT_PAGE = 'docs/silent-pfc.md';
export const SILENT_FABRIC = 'fabrics/lossless/roce.yaml';

/** A change, and everything between the marks behind it, which is made anew. */
const CHANGE = /```diff\n([\s\S]*?)```\n\n<!-- found -->[\s\S]*?<!-- end -->/g;

/** The changes of the page, in order. */
export const changesOf = (page: string): string[] => [...page.matchAll(CHANGE)].map((match) => match[1]!);

/** The text with lines of `-` replaced by those of `+` below them; lines that are not there once, or are there twice, throw. */
export function changed(text: string, diff: string): string {
  const hunks = [...diff.matchAll(/((?:^-.*\n)+)((?:^\+.*\n)*)/gm)];
  if (hunks.length === 0) throw new Error('a change without lines to replace');
  return hunks.reduce((now, [, gone, come]) => {
    const before = plain(gone!);
    if (now.split(before).length !== 2) throw new Error(`not once in ${SILENT_FABRIC}: ${before}`);
    return now.replace(before, () => plain(come!));
  }, text);
}

const plain = (lines: string): string => lines.replace(/^[-+]/gm, '');

/** What the program prints of a text as if it stood in the file. */
export async function printed(text: string): Promise<string> {
  const lines: string[] = [];
  const context = { out: (part: string) => lines.push(part), outColors: createColors(false), readText: () => Promise.resolve(text) };
  await check([SILENT_FABRIC], {}, context as unknown as CommandContext);
  return lines.join('');
}

export async function silentPage(page: string): Promise<string> {
  const fabric = readFileSync(SILENT_FABRIC, 'utf8');
  const outputs = await Promise.all(changesOf(page).map((diff) => printed(changed(fabric, diff))));
  let index = 0;
  return page.replace(
    CHANGE,
    (_, diff: string) => `\`\`\`diff\n${diff}\`\`\`\n\n<!-- found -->\n\n\`\`\`\n${outputs[index++]!}\`\`\`\n\n<!-- end -->`,
  );
}

export async function main(): Promise<void> {
  writeFileSync(SILENT_PAGE, await silentPage(readFileSync(SILENT_PAGE, 'utf8')));
}
