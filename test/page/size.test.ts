/** How much a browser loads before it draws the page: everything but what is loaded later (charts, the layout engine). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

const PAGE = 'dist/page';
/** docs/performance.md states it. */
const FIRST_BYTES_MAX = 200_000;

it('the first paint takes at most 200 kB, compressed by gzip', () => {
  const index = readFileSync(join(PAGE, 'index.html'), 'utf8');
  const first = [...index.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((match) => match[1]!);
  expect(first.some((file) => file.endsWith('.js'))).toBe(true);
  expect(first.some((file) => file.endsWith('.css'))).toBe(true);
  const sizes = ['index.html', ...first].map((file) => gzipSync(readFileSync(join(PAGE, file))).length);
  const bytes = sizes.reduce((sum, one) => sum + one, 0);
  console.log(`first paint: ${bytes} bytes, compressed`);
  expect(bytes).toBeLessThanOrEqual(FIRST_BYTES_MAX);
  // It has no script of its own in the text, which the content security policy would refuse.
  expect(index).not.toMatch(/<script(?![^>]*\bsrc=)/);
});
