/** VLANs of bridges in JSON. */
import { textOf } from '../core/json.ts';
import { entriesAt, type Entry, numberAt, textAt, valuesAt } from './json-output.ts';
import type { BridgeVlans } from './link.ts';

/** VLANs of a port of a bridge as `bridge -j vlan show` prints them (iproute2 6.1: bridge/vlan.c). */
export function bridgeVlans(entry: Entry): BridgeVlans {
  let untagged: number | undefined;
  let odd = false;
  const tagged: { first: number; last: number }[] = [];
  for (const one of entriesAt(entry, 'vlans')) {
    const first = numberAt(one, 'vlan');
    if (first === undefined) continue;
    const flags = valuesAt(one, 'flags').map(textOf);
    const isOwn = flags.includes('PVID');
    if (isOwn) untagged = first;
    if (isOwn !== flags.includes('Egress Untagged')) odd = true;
    if (!isOwn) tagged.push({ first, last: numberAt(one, 'vlanEnd') ?? first });
  }
  return { line: entry.line, untagged, tagged, odd };
}

/** The output does not say what is a bridge and what is a port: bridges are called so as a rule. */
export const isBridgeName = (entry: Entry): boolean => /^(?:br|vmbr|virbr|bridge)[\w-]{0,12}$/.test(textAt(entry, 'ifname') ?? '');
