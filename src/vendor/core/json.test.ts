import { describe, expect, it } from 'vitest';
import { seededRng } from '../../base/rng.ts';
import { isError, type Json, type JsonValue, readJson, readJsonSequence } from './json.ts';

const plain = ({ value }: Json): unknown => {
  if (value instanceof Map) return Object.fromEntries([...(value as ReadonlyMap<string, Json>)].map(([name, one]) => [name, plain(one)]));
  return Array.isArray(value) ? (value as Json[]).map(plain) : value;
};

describe('JSON with lines', () => {
  it('is what the JSON of JavaScript reads', () => {
    const text = '{"a": [1, -2.5e3, 0, true, null, "x\\u00e9\\n\\"\\\\/"],\n "b": {"c": {}}, "d": []}';
    const read = readJson(text);
    expect(isError(read)).toBe(false);
    expect(plain(read as Json)).toEqual(JSON.parse(text));
  });

  it('knows the line of each value', () => {
    const root = readJson('{\n  "a": 1,\n  "b": [\n    2\n  ]\n}') as Json;
    const entries = root.value as ReadonlyMap<string, Json>;
    expect(entries.get('a')).toEqual({ line: 2, value: 1 });
    expect((entries.get('b')!.value as readonly Json[])[0]!.line).toBe(4);
  });

  it.each([
    ['', 1, 'ends in the middle'],
    ['{"a": 1,\n}', 2, 'a name in quotes'],
    ['[1 2]', 1, '`,` or a `]`'],
    ['{"a" 1}', 1, '`:`'],
    ['[1]\n[2]', 2, 'more behind'],
    ['"abc', 1, 'does not end'],
    ['["\\x"]', 1, 'no such escape'],
    ['['.repeat(100), 1, 'levels deep'],
    ['nul', 1, 'a value belongs'],
    ['\u0000', 1, 'a value belongs'],
  ])('tells what is wrong with %j', (text, line, message) => {
    expect(readJson(text)).toEqual({ line, message: expect.stringContaining(message) });
  });

  it('reads values behind one another, up to the first that is none', () => {
    expect(readJsonSequence('[1]\n[2]\n').values.map(plain)).toEqual([[1], [2]]);
    expect(readJsonSequence('[1]\n[2').error).toEqual({ line: 2, message: expect.stringContaining('`]`') });
    expect(readJsonSequence('').error?.line).toBe(1);
  });

  it('takes exactly what JSON.parse takes, whatever is done to a text', () => {
    const text = '{"a": [1, -2, {"b": "c\\n"}], "d": true, "e": null}';
    const rng = seededRng(5);
    let refused = 0;
    for (let round = 0; round < 3000; round += 1) {
      const at = rng.uint32() % text.length;
      const changed = text.slice(0, at) + ' {}[]:,"\\1ae-'[rng.uint32() % 13]! + text.slice(at + (rng.uint32() % 2));
      let wanted: { value: JsonValue } | undefined;
      try {
        wanted = { value: JSON.parse(changed) as JsonValue };
      } catch {
        refused += 1;
      }
      const read = readJson(changed);
      if (wanted === undefined) expect(isError(read), changed).toBe(true);
      else expect(isError(read) ? read : plain(read), changed).toEqual(wanted.value);
    }
    expect(refused).toBeGreaterThan(500);
  });
});
