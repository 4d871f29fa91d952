import { describe, expect, it } from 'vitest';
import { arrivesIn, carriedVlans, carriesTagged, untaggedVlan } from './carried-vlans.ts';
import type { PortVlanChoice } from './model.ts';

const range = (first: number, last = first) => ({ first, last });
const access = carriedVlans({ mode: 'access', vlan: 10 });
const trunk = carriedVlans({ mode: 'trunk', native: 1, allowed: [range(1), range(10, 20)] });
const bare = carriedVlans({ mode: 'trunk', native: 0, allowed: [range(10, 20)] });
const listed = carriedVlans({ mode: 'listed', untagged: 10, tagged: [range(20)] });

describe('what a port carries', () => {
  it.each<[PortVlanChoice, number, number[]]>([
    [{ mode: 'access', vlan: 10 }, 10, []],
    [{ mode: 'trunk', native: 1, allowed: [range(1), range(10)] }, 1, [10]],
    [{ mode: 'trunk', native: 1, allowed: [range(10)] }, 0, [10]],
    [{ mode: 'trunk', native: 0, allowed: [range(10)] }, 0, [10]],
    [{ mode: 'listed', untagged: undefined, tagged: [range(10)] }, 0, [10]],
    [{ mode: 'listed', untagged: 20, tagged: [] }, 20, []],
  ])('%j', (choice, untagged, tagged) => {
    const vlans = carriedVlans(choice);
    expect(untaggedVlan(vlans)).toBe(untagged);
    expect([1, 10, 20].filter((vlan) => carriesTagged(vlans, vlan))).toEqual(tagged);
  });
});

describe('a frame behind a cable', () => {
  it('keeps its VLAN where both ends carry it alike', () => {
    expect(arrivesIn(trunk, 15, bare)).toBe(15);
    expect(arrivesIn(access, 10, listed)).toBe(10);
  });

  it('changes it where one end has no tags, and the other another VLAN', () => {
    expect(arrivesIn(access, 10, trunk)).toBe(1);
    expect(arrivesIn(trunk, 1, access)).toBe(10);
  });

  it('is dropped where it is not carried, or tags are not taken', () => {
    expect(arrivesIn(trunk, 30, trunk)).toBe(0);
    expect(arrivesIn(trunk, 1, bare)).toBe(0);
    expect(arrivesIn(trunk, 10, access)).toBe(0);
    expect(arrivesIn(trunk, 11, listed)).toBe(0);
  });
});
