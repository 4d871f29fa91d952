import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES_PAGE, rulesPage } from '../scripts/rules-page.ts';
import { checkText } from '../src/check/check-fabric.ts';

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

describe('the documents', () => {
  it('are there', () => expect(documents.length).toBeGreaterThan(5));

  it('have a reference of the fabric file that is what the schema says', () => {
    const run = spawnSync(process.execPath, ['scripts/fabric-reference.mjs', '--check'], { encoding: 'utf8' });
    expect([run.stderr, run.status]).toEqual(['', 0]);
  });

  it('have a page of rules that is what the rules say', () => {
    expect(readFileSync(RULES_PAGE, 'utf8') === rulesPage(), `${RULES_PAGE} is not what the rules say; run npm run docs`).toBe(true);
  });

  it.each(documents)('%s has no link to a file that is not there', (document) => {
    const links = [...readFileSync(document, 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map((match) => match[1]!);
    expect(links.filter((link) => !existsSync(join(dirname(document), link)))).toEqual([]);
  });

  it('show whole fabrics that are right', () => {
    const text = readFileSync('docs/fabric-file.md', 'utf8');
    const fabrics = [...text.matchAll(/```yaml\n(version[\s\S]*?)```/g)].map((match) => match[1]!);
    expect(fabrics.length).toBe(4);
    for (const fabric of fabrics) expect(checkText(fabric, 'example.yaml').problems).toEqual([]);
  });
});
