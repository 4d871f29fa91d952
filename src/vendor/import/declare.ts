/** A node's settings as the value that stands for it in a fabric file. */
import type { NodeKind } from '../core/dialect.ts';
import type { Setting, SettingValue } from '../core/setting.ts';
import { vlanRanges, vlanText } from '../core/say.ts';
import { declareBridges } from './declare-bridges.ts';
import { declareStorage } from './declare-storage.ts';
import { nicNames } from './nic-names.ts';
import { entriesIn, everywhere, isTree, type Leaf, type Tree, treeIn, treeOf } from './tree.ts';
import { rateText, vlanItems } from './words.ts';

/** Printed by every device, chosen by nobody: left out, unless a fabric file needs them. */
const isWanted = ({ quiet, key, value }: Setting, asked: ReadonlySet<string>, teamMtus: ReadonlyMap<string, SettingValue>): boolean => {
  if (quiet !== true || key.at(-1) === 'size') return true;
  // A target that some server named; without the server nothing else says that the host has it.
  if (key[0] === 'iscsi' && key[2] === 'targets' && key.length === 5 && (key[4] === 'present' || key[4] === 'address'))
    return !asked.has(key[1]!);
  // A VLAN of a team has the team's MTU in a fabric file, unless it says another one.
  if (key[0] === 'teams' && key[2] === 'vlans' && key.at(-1) === 'mtu') return value !== (teamMtus.get(key[1]!) ?? 1500);
  // What a port has from its team or its system; without it a fabric file would say the usual one.
  return (key[0] === 'nics' || key[0] === 'teams') && key.length === 3 && key[2] === 'mtu' && value !== 1500;
};

/** What stands in a fabric file, and what does not: printed by every device, chosen by nobody. */
export function wantedOf(settings: readonly Setting[]): { readonly wanted: readonly Setting[]; readonly leftOut: readonly Setting[] } {
  const asked = new Set(settings.filter(({ key }) => key[0] === 'iscsi' && key[2] === 'discovery').map(({ key }) => key[1]!));
  const teamMtus = new Map(
    settings.filter(({ key }) => key[0] === 'teams' && key.length === 3 && key[2] === 'mtu').map(({ key, value }) => [key[1]!, value]),
  );
  const [wanted, leftOut]: [Setting[], Setting[]] = [[], []];
  for (const one of settings) (isWanted(one, asked, teamMtus) ? wanted : leftOut).push(one);
  return { wanted, leftOut };
}

export function declare(kind: NodeKind, settings: readonly Setting[], os: string | undefined): Tree {
  const { wanted } = wantedOf(settings);
  const tree = treeOf(kind === 'switch' ? wanted : nicNames(wanted));
  everywhere(tree, declareDcb);
  if (kind === 'switch') declareSwitch(tree);
  else {
    declareMachine(tree);
    declareStorage(kind, tree);
  }
  return os === undefined || kind !== 'host' ? tree : { os, ...tree };
}

function declareSwitch(tree: Tree): void {
  for (const section of ['ports', 'aggregations'])
    for (const [, one] of entriesIn(treeIn(tree, section))) {
      if (!isTree(one)) continue;
      declareVlans(one);
      if (typeof one['speed'] === 'number') one['speed'] = rateText(one['speed']);
      if (one['disabled'] === false) delete one['disabled'];
      // An aggregation that the output shows no port of.
      if (section === 'aggregations') one['ports'] ??= [];
    }
  const spanning = treeIn(tree, 'spanningTree');
  if (spanning === undefined) return;
  const { enabled, ...rest } = spanning;
  if (enabled === false) tree['spanningTree'] = false;
  else if (Object.keys(rest).length > 0) tree['spanningTree'] = rest;
  else delete tree['spanningTree'];
}

/** As an access port, as a trunk of all VLANs, or as a list of both kinds. */
function declareVlans(one: Tree): void {
  const { untagged, tagged } = one;
  delete one['untagged'];
  delete one['tagged'];
  if (tagged === undefined || tagged === 'none') {
    if (untagged === 'none') one['tagged'] = [];
    else if (untagged !== undefined && untagged !== 1) one['vlan'] = untagged;
    return;
  }
  const ranges = vlanRanges(String(tagged)) ?? [];
  const isNative = typeof untagged === 'number';
  if (vlanText([...ranges, ...(isNative ? [{ first: untagged, last: untagged }] : [])]) === '1-4094') {
    one['trunk'] = 'all';
    if (!isNative) one['native'] = 'none';
    else if (untagged !== 1) one['native'] = untagged;
    return;
  }
  one['tagged'] = vlanItems(String(tagged));
  if (isNative) one['untagged'] = untagged;
}

/** DCB stands in many places, and is written alike in all of them. */
function declareDcb(tree: Tree): void {
  const dcb = treeIn(tree, 'dcb');
  if (dcb === undefined) return;
  const applications = treeIn(dcb, 'applications');
  if (applications !== undefined)
    dcb['applications'] = entriesIn(applications).map(([protocol, priority]) => ({ protocol, priority })) as unknown as Leaf;
  for (const [, buffer] of entriesIn(treeIn(dcb, 'buffers'))) {
    if (!isTree(buffer)) continue;
    if (buffer['direction'] === 'ingress') delete buffer['direction'];
    if (buffer['lossless'] === false) delete buffer['lossless'];
  }
}

function declareMachine(tree: Tree): void {
  everywhere(tree, (one) => {
    for (const name of ['speed', 'maxRate']) if (typeof one[name] === 'number') one[name] = rateText(one[name]);
  });
  for (const [, one] of entriesIn(treeIn(tree, 'virtualSwitches')))
    for (const [, group] of entriesIn(isTree(one) ? treeIn(one, 'portGroups') : undefined))
      if (isTree(group) && typeof group['trunk'] === 'string') group['trunk'] = vlanItems(group['trunk']);
  declareBridges(tree);
  const { routes } = tree;
  if (Array.isArray(routes))
    tree['routes'] = routes.map((text) => {
      const [to, , via] = String(text).split(' ');
      return { to, via };
    }) as unknown as Leaf;
  declareFunctions(tree);
}

function declareFunctions(tree: Tree): void {
  for (const [, nic] of entriesIn(treeIn(tree, 'nics'))) {
    const sriov = isTree(nic) ? treeIn(nic, 'sriov') : undefined;
    // What is said of single functions says that there are so many.
    const numbers = entriesIn(treeIn(sriov, 'each')).map(([number]) => Number(number));
    if (sriov !== undefined && sriov['functions'] === undefined)
      sriov['functions'] = numbers.reduce((most, one) => Math.max(most, one), -1) + 1;
  }
}
