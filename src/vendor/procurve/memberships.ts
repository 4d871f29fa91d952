/** Which ports and trunks are in which VLANs. */
import { addTo } from '../../base/grouped.ts';
import type { Emission } from '../core/emission.ts';
import { vlanRanges } from '../core/say.ts';
import type { Setting } from '../core/setting.ts';
import { isPort, isTrunk } from './port-names.ts';

/** A port in a VLAN, and the setting that puts it there. */
export interface Membership {
  readonly port: string;
  readonly from: Setting;
}

export interface Memberships {
  readonly untagged: ReadonlyMap<number, readonly Membership[]>;
  readonly tagged: ReadonlyMap<number, readonly Membership[]>;
  /** In no VLAN without tags. */
  readonly without: readonly Membership[];
}

export function memberships(emission: Emission): Memberships {
  const untagged = new Map<number, Membership[]>();
  const tagged = new Map<number, Membership[]>();
  const without: Membership[] = [];
  const put = (map: Map<number, Membership[]>, vlan: number, one: Membership): void => {
    addTo(map, vlan, one);
  };
  const present = new Set([1, ...emission.names('vlans').map(Number)]);
  const places = [
    ...emission
      .names('aggregations')
      .filter(isTrunk)
      .map((name) => ['aggregations', name]),
    ...emission
      .names('ports')
      .filter(isPort)
      .map((name) => ['ports', name]),
  ];
  for (const key of places) {
    const port = key[1]!;
    const one = emission.setting(...key, 'untagged');
    const list = emission.setting(...key, 'tagged');
    const vlans = vlansIn(list);
    const known = vlans.filter((vlan) => present.has(vlan));
    if (list !== undefined && known.length < vlans.length)
      emission.refuse(
        'A port of this switch is in VLANs that are set up (`vlans`) alone: it carries those of them that are.',
        ...key,
        'tagged',
      );
    if (one !== undefined && one.value !== 'none' && !present.has(Number(one.value)))
      emission.refuse('The VLAN is not set up (`vlans`).', ...key, 'untagged');
    else if (one?.value === 'none' && known.length === 0) emission.refuse('A port has to be in one VLAN at least.', ...key, 'untagged');
    else if (emission.take(...key, 'untagged') !== undefined) {
      if (one!.value === 'none') without.push({ port, from: one! });
      else put(untagged, Number(one!.value), { port, from: one! });
    }
    emission.take(...key, 'tagged');
    for (const vlan of known) put(tagged, vlan, { port, from: list! });
  }
  return { untagged, tagged, without };
}

const vlansIn = (list: Setting | undefined): number[] =>
  (vlanRanges(String(list?.value ?? 'none')) ?? []).flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
