/** Puts what a benchmark says into a page of docs/, between two comments, so that the page may say more around it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Makes the page where there is none; a page without the comments gets the section at its end. */
export function writeSection(path: string, name: string, text: string): void {
  const [begin, end] = [`<!-- ${name}: written by the benchmark -->`, `<!-- end of ${name} -->`];
  const section = `${begin}\n\n${text.trim()}\n\n${end}\n`;
  const page = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) return writeFileSync(path, page === '' ? section : `${page.trimEnd()}\n\n${section}`);
  writeFileSync(path, `${page.slice(0, from)}${section}${page.slice(to + end.length).replace(/^\n/, '')}`);
}
