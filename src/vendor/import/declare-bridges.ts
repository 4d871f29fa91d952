/** Bridges of Linux have no port groups, but VLANs of their ports: port groups are made of them, called by their VLAN or as an interface says. */
import { vlanRanges } from '../core/say.ts';
import { entriesIn, isTree, type Tree, treeIn } from './tree.ts';
import { vlanItems } from './words.ts';

/** More VLANs than these are one trunk. */
const GROUPS_MAX = 64;

export function declareBridges(machine: Tree): void {
  for (const [name, bridge] of entriesIn(treeIn(machine, 'virtualSwitches'))) {
    const carried = isTree(bridge) ? treeIn(bridge, 'carried') : undefined;
    if (!isTree(bridge) || bridge['kind'] !== 'bridge') continue;
    delete bridge['carried'];
    const groups: Tree = Object.create(null) as Tree;
    const known = nameInterfaces(machine, name, groups);
    const tagged = [
      ...new Set(entriesIn(carried).flatMap(([, port]) => (isTree(port) ? String(port['tagged'] ?? 'none').split(',') : []))),
    ];
    const vlans = (vlanRanges(tagged.filter((one) => one !== 'none').join(',')) ?? []).flatMap(({ first, last }) =>
      Array.from({ length: last - first + 1 }, (_, index) => first + index),
    );
    const others = vlans.filter((vlan) => !known.has(vlan));
    if (others.length > GROUPS_MAX) groups['guests'] = { trunk: vlanItems(tagged.filter((one) => one !== 'none').join(',')) };
    else for (const vlan of others) groups[`vlan${vlan}`] = { vlan };
    if (Object.keys(groups).length > 0) bridge['portGroups'] = groups;
  }
}

/** Port groups that interfaces of the machine name; their VLANs. */
function nameInterfaces(machine: Tree, bridge: string, groups: Tree): ReadonlySet<unknown> {
  const known = new Set<unknown>();
  for (const [, nic] of entriesIn(treeIn(machine, 'virtualNics'))) {
    if (!isTree(nic) || nic['virtualSwitch'] !== bridge || typeof nic['portGroup'] !== 'string') continue;
    const vlan = nic['vlan'] ?? 0;
    groups[nic['portGroup']] = { vlan };
    known.add(vlan);
    delete nic['virtualSwitch'];
    delete nic['vlan'];
  }
  return known;
}
