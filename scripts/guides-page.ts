/** Fills the lists of docs/guides.md: what the checker finds in each guide's procedures. `npm run docs`. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { checkText } from '../src/check/check-fabric.ts';

export const GUIDES_PAGE = 'docs/guides.md';
const FOLDER = 'docs/guides';

/** Everything between the marks of one list is made anew. */
export const guidesPage = (text: string): string =>
  text.replace(
    /<!-- findings: ([a-z0-9-]+) -->[\s\S]*?<!-- end -->/g,
    (_, guide: string) => `<!-- findings: ${guide} -->\n\n${findings(guide)}\n<!-- end -->`,
  );

function findings(guide: string): string {
  const files = readdirSync(`${FOLDER}/${guide}`).filter((file) => file.endsWith('.yaml'));
  return files
    .map((file) => {
      const { problems } = checkText(readFileSync(`${FOLDER}/${guide}/${file}`, 'utf8'), file);
      const rows = problems.map(
        ({ rule, severity, line, message }) =>
          `| ${line} | [${rule}](rules.md#${rule.toLowerCase()}) | ${severity} | ${message.replaceAll('|', '\\|')} |\n`,
      );
      return `[${file}](guides/${guide}/${file}):\n\n| line | rule | severity | what is wrong |\n|---|---|---|---|\n${rows.join('')}`;
    })
    .join('\n');
}

export function main(): void {
  writeFileSync(GUIDES_PAGE, guidesPage(readFileSync(GUIDES_PAGE, 'utf8')));
}
