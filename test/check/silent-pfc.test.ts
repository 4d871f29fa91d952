/** The states in which PFC silently stays off: each is found in the fabric of docs/silent-pfc.md, and the page shows what the program prints. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { changed, changesOf, SILENT_FABRIC, SILENT_PAGE, silentPage } from '../../scripts/silent-pfc-page.ts';
import { checkText } from '../../src/check/check-fabric.ts';

const page = readFileSync(SILENT_PAGE, 'utf8');
const fabric = readFileSync(SILENT_FABRIC, 'utf8');
const rulesOf = (text: string): string[] => [...new Set(checkText(text, SILENT_FABRIC).problems.map(({ rule }) => rule))].toSorted();

describe('PFC that silently stays off', () => {
  it('is not in the fabric as it should be', () => expect(checkText(fabric, SILENT_FABRIC).problems).toEqual([]));

  it('is found in each state', () => {
    expect(changesOf(page).map((diff) => rulesOf(changed(fabric, diff)))).toEqual([
      ['SW-1128'], // two agents answer
      ['SW-1124'], // both ends are willing
      ['SW-1125', 'SW-1134'], // neither is, and they differ: RoCE is in a priority of the switch
      [], // neither is, and they say the same
      ['SW-1129'], // firmware and system disagree
      ['SW-1126'], // versions
      ['SW-1127'], // no DCBX at the switch
      ['SW-1131'], // no LLDP
      ['SW-1112', 'SW-1231'], // pause frames for everything
      ['SW-1134'], // another priority
    ]);
  });

  it('is shown as the program prints it (else: npm run docs)', async () => expect(await silentPage(page)).toBe(page));

  it('a change that does not fit the fabric is no change', () => {
    expect(() => changed(fabric, '-    no: such line\n+    other: line\n')).toThrow('not once');
    expect(() => changed(fabric, 'nothing')).toThrow('without lines');
  });
});
