/**
 * Fills the lists of docs/guides.md: what the checker finds in each guide's procedures, and what the parsers make of the output that it prints.
 * `npm run docs`.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { checkText } from '../src/check/check-fabric.ts';
import { loadFabric } from '../src/fabric/load.ts';
import { declaredNode } from '../src/vendor/core/declared.ts';
import type { Difference } from '../src/vendor/core/diff.ts';
import { type Setting, valueText } from '../src/vendor/core/setting.ts';
import { DIALECTS } from '../src/vendor/dialects.ts';
import { compare } from '../src/vendor/import/compare.ts';
import { gather, type Source } from '../src/vendor/import/gather.ts';

export const GUIDES_PAGE = 'docs/guides.md';
const FOLDER = 'docs/guides';

/** Everything between the marks of a list is made anew. */
export const guidesPage = (text: string): string =>
  text.replace(/<!-- (findings|outputs): ([a-z0-9-]+) -->[\s\S]*?<!-- end -->/g, (_, kind: string, guide: string) => {
    const list = kind === 'findings' ? findings(guide) : outputs(guide);
    return `<!-- ${kind}: ${guide} -->\n\n${list}\n<!-- end -->`;
  });

const filesOf = (guide: string, ending: string): readonly string[] =>
  readdirSync(`${FOLDER}/${guide}`)
    .filter((file) => file.endsWith(ending))
    .toSorted();

const readFile = (guide: string, file: string): string => readFileSync(`${FOLDER}/${guide}/${file}`, 'utf8');

const cell = (text: string): string => text.replaceAll('|', '\\|');

function findings(guide: string): string {
  return filesOf(guide, '.yaml')
    .map((file) => {
      const rows = checkText(readFile(guide, file), file).problems.map(
        ({ rule, severity, line, message }) => `| ${line} | [${rule}](rules.md#${rule.toLowerCase()}) | ${severity} | ${cell(message)} |\n`,
      );
      return `[${file}](guides/${guide}/${file}):\n\n| line | rule | severity | what is wrong |\n|---|---|---|---|\n${rows.join('')}`;
    })
    .join('\n');
}

function outputs(guide: string): string {
  const given = filesOf(guide, '.txt').map((file) => ({ file, text: readFile(guide, file), node: undefined, port: undefined }));
  const { nodes, mistakes } = gather(given, DIALECTS);
  const parts = nodes.flatMap(({ name, sources }) =>
    sources.map((source) => ({ file: source.file, text: sourceText(guide, name, source) })),
  );
  for (const { file, message } of mistakes) parts.push({ file, text: `${fileLink(guide, file)}: ${message}\n` });
  return parts
    .toSorted((one, other) => (one.file < other.file ? -1 : 1))
    .map(({ text }) => text)
    .join('\n');
}

const fileLink = (guide: string, file: string): string => `[${file}](guides/${guide}/${file})`;

function sourceText(guide: string, node: string, source: Source): string {
  const { file, dialect, output, reading } = source;
  const rows = [
    ...reading.unknown.map(
      ({ line, text, why }) =>
        `| ${line} | not understood | \`${cell(text.trim().replace(/ {2,}/g, ' '))}\`${why === undefined ? '' : `: ${cell(why)}`} |\n`,
    ),
    ...differencesOf(guide, node, source).map(
      ({ declared, one }) => `| ${lineOf(one)} | differs from ${declared} | \`${cell(one.key)}\`: ${sides(one)} |\n`,
    ),
  ];
  const head = `${fileLink(guide, file)} (\`${output.name}\` of \`${dialect.name}\`): ${reading.settings.length} settings read`;
  return rows.length === 0 ? `${head}, nothing else to say.\n` : `${head}.\n\n| line | | |\n|---|---|---|\n${rows.join('')}`;
}

interface Differing {
  readonly declared: string;
  readonly one: Exclude<Difference, { readonly kind: 'missing' }>;
}

/** From the first of the guide's fabric files that has the node. */
function differencesOf(guide: string, node: string, source: Source): readonly Differing[] {
  for (const file of filesOf(guide, '.yaml')) {
    const { sound } = loadFabric(readFile(guide, file), file);
    const declared = sound === undefined ? undefined : declaredNode(sound.fabric, node);
    if (declared === undefined) continue;
    // What is printed is never all that a node has: what is not there says nothing.
    return compare(declared, source).flatMap((one) => (one.kind === 'missing' ? [] : [{ declared: file, one }]));
  }
  return [];
}

const lineOf = ({ found }: Differing['one']): string => (found.from.kind === 'output' ? `${found.from.line}` : '');

const said = (setting: Setting): string => `\`${valueText(setting.value)}\``;

const sides = (one: Differing['one']): string =>
  one.kind === 'differs' ? `declared ${said(one.declared)}, here ${said(one.found)}` : `not declared, here ${said(one.found)}`;

export function main(): void {
  writeFileSync(GUIDES_PAGE, guidesPage(readFileSync(GUIDES_PAGE, 'utf8')));
}
