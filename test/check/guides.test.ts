/** The five guides as fabric files: what has to be found in them, and that docs/guides.md tells what is found. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GUIDES_PAGE, guidesPage } from '../../scripts/guides-page.ts';
import { checkText } from '../../src/check/check-fabric.ts';

const FOLDER = 'docs/guides';
const guides = readdirSync(FOLDER);

const rulesOf = (file: string): readonly string[] =>
  checkText(readFileSync(`${FOLDER}/${file}`, 'utf8'), file).problems.map(({ rule, message }) => `${rule} ${message}`);

describe('the guides', () => {
  it('are five, with a fabric file each and a section in the document', () => {
    const page = readFileSync(GUIDES_PAGE, 'utf8');
    expect(guides.length).toBe(5);
    for (const guide of guides) {
      expect(readdirSync(`${FOLDER}/${guide}`).some((file) => file.endsWith('.yaml'))).toBe(true);
      expect(page).toContain(`<!-- findings: ${guide} -->`);
    }
  });

  it('have their findings in the document (else: npm run docs)', () => {
    const page = readFileSync(GUIDES_PAGE, 'utf8');
    expect(guidesPage(page) === page, `${GUIDES_PAGE} is not what the checker finds; run npm run docs`).toBe(true);
  });

  it('are cited by name in the document, and no other files than theirs', () => {
    const links = [...readFileSync(GUIDES_PAGE, 'utf8').matchAll(/\]\((guides\/[^)#]+)\)/g)].map((match) => match[1]!);
    expect(links.length).toBeGreaterThanOrEqual(5);
    for (const link of links) expect(existsSync(`docs/${link}`), link).toBe(true);
  });
});

describe('the Demartek RoCE Deployment Guide', () => {
  it('has flow control on in the adapters, beside PFC, though it was to be off', () => {
    expect(rulesOf('demartek-roce/windows.yaml')).toContainEqual(
      expect.stringMatching(/^SW-1112 `mellanox-client:p1` sends and obeys pause frames/),
    );
  });

  it('removes traffic classes and makes none', () => {
    expect(rulesOf('demartek-roce/windows.yaml')).toContainEqual(
      expect.stringMatching(/^SW-1121 `mellanox-client:p1` keeps priority 3 from loss/),
    );
  });

  it('asks an address for targets that is no portal, for a target of another name', () => {
    const found = rulesOf('demartek-roce/linux.yaml');
    expect(found).toContainEqual(expect.stringMatching(/^SW-1224 .*10\.0\.8\.253.*10\.0\.8\.252/));
    expect(found).toContainEqual(expect.stringMatching(/^SW-1031 .*dmrtek/));
  });

  it('sends whatever has no policy of its own without loss, too', () => {
    expect(rulesOf('demartek-roce/windows.yaml')).toContainEqual(expect.stringMatching(/^SW-1161 Policy `DEFAULT`/));
  });
});
