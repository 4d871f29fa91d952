/** VLANs (IEEE 802.1Q §9.6: 1 to 4094) and lists of them as switches write them: `10`, `20-29`, `all`. */
import { VLAN_MAX } from '../../wire/ethernet/frame.ts';
import { mistake, type Parsed } from '../parsed.ts';

export interface VlanRange {
  readonly first: number;
  readonly last: number;
}

const isVlan = (vlan: number): boolean => vlan >= 1 && vlan <= VLAN_MAX;

export function parseVlanRange(written: string | number): Parsed<VlanRange> {
  if (written === 'all') return { value: { first: 1, last: VLAN_MAX } };
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(written).trim());
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (match !== null && isVlan(first) && isVlan(last) && first <= last) return { value: { first, last } };
  return mistake(`\`${String(written).slice(0, 40)}\` is no VLAN.`, 'Write a number from 1 to 4094, a range such as `20-29`, or `all`.');
}

/** One VLAN, as the key of a mapping. */
export const parseVlanKey = (key: string): Parsed<number> =>
  // `010` and `10` would be two keys for one VLAN.
  /^[1-9]\d{0,3}$/.test(key) && isVlan(Number(key))
    ? { value: Number(key) }
    : mistake(`\`${key.slice(0, 40)}\` is no VLAN.`, 'Write a number from 1 to 4094.');

export const holdsVlan = (ranges: readonly VlanRange[], vlan: number): boolean =>
  ranges.some(({ first, last }) => vlan >= first && vlan <= last);

/** `10, 20-29`. */
export const formatVlans = (ranges: readonly VlanRange[]): string =>
  ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
