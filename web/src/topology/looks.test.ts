import { describe, expect, it } from 'vitest';
import { isFarAt, zoomStep } from './detail.ts';
import { found } from './find.ts';
import { faultsOf, levelOf, linkWords, lookOf, percent, PLAIN, rateWords, speedWords, worst } from './looks.ts';
import { RACK, stateOf } from './testing.ts';

describe('looks', () => {
  it('has five levels', () => {
    expect([0, 0.1, 0.25, 0.49, 0.5, 0.74, 0.75, 1].map((load) => levelOf(load, load * 25e9))).toEqual([0, 1, 2, 2, 3, 3, 4, 4]);
  });

  it('calls the hellos of a switch idle', () => {
    expect(levelOf(1e-8, 500)).toBe(0);
    expect(levelOf(1e-6, 25_000)).toBe(1);
  });

  it('takes the busier direction, and says which it is', () => {
    expect(lookOf(stateOf({ load: [0.1, 0.6] }))).toMatchObject({ level: 3, heavier: 1 });
    expect(lookOf(stateOf({ load: [0.6, 0.1] }))).toMatchObject({ level: 3, heavier: 0 });
    expect(lookOf(stateOf({ load: [0.6, 0.55] })).heavier).toBeUndefined();
  });

  it('marks what is wrong', () => {
    expect(lookOf(stateOf({ up: false, load: [0.5, 0.5] }))).toMatchObject({ isCut: true, level: 0, heavier: undefined });
    expect(lookOf(stateOf({ loss: 0.01 })).isFaulty).toBe(true);
    expect(lookOf(stateOf({ drops: 3 })).isDropping).toBe(true);
    expect(lookOf(undefined)).toBe(PLAIN);
  });

  it('shows the worst of several', () => {
    const looks = [stateOf({ load: [0.3, 0] }), stateOf({ up: false }), stateOf({ load: [0, 0.8], loss: 0.1 })].map((state) =>
      lookOf(state),
    );
    expect(worst(looks)).toEqual({ level: 4, isCut: true, isFaulty: true, isDropping: false, heavier: 1 });
    expect(worst([])).toEqual(PLAIN);
  });
});

describe('words', () => {
  it.each([
    [0, '0 b/s'],
    [999, '999 b/s'],
    [999.7, '1.00 kb/s'],
    [4_213_000_000, '4.21 Gb/s'],
    [12_340_000, '12.3 Mb/s'],
    [980_000_000, '980 Mb/s'],
    [999_950_000, '1.00 Gb/s'],
  ])('says %d b/s as %s', (rate, words) => expect(rateWords(rate)).toBe(words));

  it('says speeds as switches do', () => {
    expect([25e9, 100e9, 2.5e9, 100e6, 0].map(speedWords)).toEqual(['25G', '100G', '2.5G', '100M', '']);
  });

  it('says faults and shares', () => {
    expect(faultsOf({ loss: 0.01, corruption: 0, duplication: 0.005, reordering: 0, reorderingNanos: 0 })).toEqual([
      '1 % lost',
      '0.5 % doubled',
    ]);
    expect(percent(1 / 3)).toBe('33 %');
  });

  it('names a link to those who do not see it', () => {
    const link = RACK.links[0]!;
    expect(linkWords(link, undefined)).toBe('link esx1 nic0 to tor1 1, 25G');
    expect(linkWords(link, stateOf({ up: false }))).toBe('link esx1 nic0 to tor1 1, 25G, cut');
    expect(linkWords(link, stateOf({ load: [0.1, 0], drops: 2.5, loss: 0.01 }))).toBe(
      'link esx1 nic0 to tor1 1, 25G, esx1 sends 2.50 Gb/s, tor1 sends 0 b/s, 1 % lost of frames, 3 frames dropped a second',
    );
  });
});

it('finds the exact name first, then beginnings, then the rest', () => {
  const nodes = ['my-tor1', 'tor10', 'tor1', 'esx1'].map((name) => ({
    ...RACK.nodes[0]!,
    id: name,
    name,
    description: name === 'esx1' ? 'below tor1' : '',
  }));
  expect(found(nodes, ' TOR1 ').map(({ name }) => name)).toEqual(['tor1', 'tor10', 'my-tor1', 'esx1']);
  expect(found(nodes, '  ')).toEqual([]);
});

it('shows less from afar, in steps', () => {
  expect(isFarAt(0.3)).toBe(true);
  expect(isFarAt(0.6)).toBe(false);
  expect(zoomStep(0.3)).toBe(zoomStep(0.29));
  expect(zoomStep(0.3)).not.toBe(zoomStep(0.4));
});
