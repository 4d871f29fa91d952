import { describe, expect, it } from 'vitest';
import { generateArray } from '../../src/vendor/testing/generate-array.ts';
import { generateHost } from '../../src/vendor/testing/generate-host.ts';
import { generateSwitch, type PortStyle } from '../../src/vendor/testing/generate-switch.ts';
import { keyText } from '../../src/vendor/core/setting.ts';
import type { Generated } from '../../src/vendor/testing/generated.ts';

const seeds = Array.from({ length: 150 }, (_, seed) => seed);

const shapes = (made: readonly Generated[]): ReadonlySet<string> =>
  new Set(made.flatMap(({ node }) => node.settings.map(({ key }) => keyText(key).replace(/\d+/g, '#'))));

describe('generators', () => {
  it.each<PortStyle>(['slot', 'ethernet', 'gigabit', 'number', 'letter'])('make switches with ports called in the style `%s`', (style) => {
    const said = shapes(seeds.map((seed) => generateSwitch(seed, { style })));
    expect(said.size).toBeGreaterThan(40);
  });

  it.each(['linux', 'windows', 'esxi'] as const)('make hosts of %s', (os) => {
    const said = shapes(seeds.map((seed) => generateHost(seed, os)));
    expect(said.size).toBeGreaterThan(60);
  });

  it('make arrays', () => {
    const said = shapes(seeds.map((seed) => generateArray(seed)));
    expect([...said].filter((key) => key.includes('chap')).length).toBeGreaterThan(3);
  });

  it('make the same of the same seed, and something else of another', () => {
    expect(generateSwitch(7, { style: 'slot' }).yaml()).toBe(generateSwitch(7, { style: 'slot' }).yaml());
    expect(generateSwitch(8, { style: 'slot' }).yaml()).not.toBe(generateSwitch(7, { style: 'slot' }).yaml());
  });

  it('leave out what they are told to', () => {
    for (const seed of seeds) {
      const { node } = generateSwitch(seed, { style: 'number', without: ['pfc', 'mtu', 'lacp', 'onlyTagged', 'noNative', 'trunk'] });
      for (const { key, value } of node.settings) {
        expect(key.at(-1)).not.toBe('pfc');
        if (key[0] !== 'vlans') expect(key.at(-1)).not.toBe('mtu');
        if (key.at(-1) === 'mode') expect(value).toBe('static');
        if (key.at(-1) === 'untagged') expect(value).not.toBe('none');
      }
    }
  });
});
