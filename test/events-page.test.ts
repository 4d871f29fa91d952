/** The page of events, and that every kind of event has its place on it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EVENTS_PAGE, eventsPage } from '../scripts/events-page.ts';
import { declaredEvents } from '../src/base/event.ts';
import { EVENT_RANGES, rangesOfKinds } from '../src/cli/event-kinds.ts';

const kinds = rangesOfKinds().flatMap((range) => range.kinds);

/** Files that declare kinds of events. */
const declaring = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== join('base', 'event.ts'))
  .map((file) => ({ file: file.replaceAll('\\', '/'), text: readFileSync(join('src', file), 'utf8') }))
  .filter(({ text }) => /\beventKind\s*[<(]/.test(text));

describe('the page of events', () => {
  it('is what the declarations say', () => {
    expect(readFileSync(EVENTS_PAGE, 'utf8') === eventsPage(), `${EVENTS_PAGE} is not what events say; run npm run docs`).toBe(true);
  });

  it('has the kinds of every file that declares some', () => {
    const imported = [...readFileSync('src/cli/event-kinds.ts', 'utf8').matchAll(/^import '\.(\.?\/.+)';$/gm)].map(([, path]) =>
      path!.startsWith('./') ? path!.slice(2) : `cli${path}`,
    );
    expect(declaring.length).toBeGreaterThan(12);
    expect(imported.toSorted()).toEqual(declaring.map(({ file }) => file).toSorted());
  });

  it('has every number that is declared', () => {
    const numbers = declaring.flatMap(({ text }) => [
      ...[...text.matchAll(/\(\s*(\d{4}),\s*'[a-z0-9-]+',/g)].map(([, id]) => Number(id)),
      // Those that have the numbers of a guide.
      ...[...text.matchAll(/\blisted\(\s*(\d+),/g)].map(([, number]) => 2100 + Number(number)),
    ]);
    expect(numbers.length).toBeGreaterThan(110);
    expect(numbers.toSorted()).toEqual(kinds.map(({ id }) => id).toSorted());
  });

  it('has ranges that are apart and in order', () => {
    for (const [index, { first, last }] of EVENT_RANGES.entries()) {
      expect(first).toBeLessThan(last);
      expect(first).toBeGreaterThan(EVENT_RANGES[index - 1]?.last ?? 0);
    }
  });
});

describe('kinds of events', () => {
  it.each(kinds.map((kind) => [kind.id, kind] as const))(
    '%i says what it means, and what to do',
    (_, { severity, story, message, name }) => {
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(story.means).toMatch(/^[A-Z0-9`].*[.)]$/s);
      expect(story.means.length).toBeGreaterThan(20);
      if (severity === 'warning' || severity === 'error') expect(story.remedy, 'what to do').toBeDefined();
      if (story.remedy !== undefined) expect(story.remedy).toMatch(/[.?]$/);
      const given = Object.values(story.example).filter((value) => typeof value === 'string');
      expect(given.reduce((rest, value) => rest.replace(value, ''), message)).not.toMatch(/undefined|NaN|\[object/);
      // What a log keeps of it is all of it.
      expect(JSON.parse(JSON.stringify(story.example))).toEqual(story.example);
    },
  );

  it('are the same for everybody', () => {
    for (const { id } of kinds) expect(declaredEvents.get(id)).toBe(kinds.find((kind) => kind.id === id));
  });
});
