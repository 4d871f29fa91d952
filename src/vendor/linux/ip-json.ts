/**
 * The kernel's own view of its interfaces: `ip -j -d link show`, `ip -j -d address show`, `ip -j route show`, `ip -j -6 route show`, `bridge -j vlan show`,
 * `bridge -j link show` and `tc -j qdisc show` (iproute2 6.1), each alone or several behind one another in one text, in any order. What an interface is in (its bridge,
 * its bond) is known best where the first two are among them.
 */
import type { OutputKind, ReadContext, Reading } from '../core/dialect.ts';
import { bridgeVlans, isBridgeName } from './bridge-vlan.ts';
import type { Found } from '../core/found.ts';
import { guessKinds, linkFrom } from './ip-link.ts';
import { routeFrom } from './ip-route.ts';
import { entriesIn, type Entry, looksLike, textAt } from './json-output.ts';
import { type Link, lineAt } from './link.ts';
import { settingsOfLinks } from './links.ts';
import { says } from './says.ts';

const kindOf = (name: string, recognise: (text: string) => boolean): OutputKind => ({
  name,
  recognise: (text) => (recognise(text) ? 1 : 0),
  read,
});

/** Up to the first end of an object. */
const first = (text: string): string => (looksLike(text, /"/) ? text.slice(0, Math.min(text.indexOf('}') + 1 || 4000, 4000)) : '');
const has = (text: string, ...names: readonly string[]): boolean => names.every((name) => first(text).includes(`"${name}":`));
const hasAddresses = (text: string): boolean => /"addr_info":/.test(text.slice(0, 16_000));

export const ipLinks = kindOf('ip -j -d link show', (text) => has(text, 'ifname', 'link_type') && !hasAddresses(text));
export const ipAddresses = kindOf('ip -j -d address show', (text) => has(text, 'ifname') && hasAddresses(text));
export const ipRoutes = kindOf('ip -j route show', (text) => has(text, 'dst'));
export const bridgeVlanList = kindOf('bridge -j vlan show', (text) => has(text, 'ifname', 'vlans'));
export const bridgePorts = kindOf('bridge -j link show', (text) => has(text, 'ifname', 'master', 'state') && !has(text, 'link_type'));
export const tcQueues = kindOf('tc -j qdisc show', (text) => has(text, 'kind', 'handle'));

function read(text: string, { file, port }: ReadContext): Reading {
  const { entries, found } = entriesIn(text, file, 'interfaces or routes');
  const links = new Map<string, Link>();
  const [interfaces, vlans, routes, ports]: [Entry[], Entry[], Entry[], Entry[]] = [[], [], [], []];
  for (const entry of entries) {
    const { members } = entry;
    if (members.has('dst')) routes.push(entry);
    else if (members.has('kind') && members.has('handle')) readQdisc(found, entry);
    else if (textAt(entry, 'ifname') === undefined)
      found.wrong(entry.line, 'This is neither an interface nor a route: it has no `ifname` and no `dst`.');
    else if (members.has('vlans')) vlans.push(entry);
    else if (members.has('link_type') || members.has('addr_info')) interfaces.push(entry);
    else ports.push(entry);
  }
  for (const entry of interfaces) {
    const name = textAt(entry, 'ifname')!;
    if (textAt(entry, 'link_type') !== 'loopback') links.set(name, linkFrom(entry, name, links.get(name)));
  }
  const isDetailed = interfaces.some(({ members }) => members.has('linkinfo') || members.has('min_mtu'));
  if (!isDetailed) guessKinds(links, interfaces);
  for (const entry of ports) placePort(links, entry, textAt(entry, 'master'));
  const bridges = [
    ...new Set([
      ...[...links.values()].filter(({ kind }) => kind === 'bridge').map(({ name }) => name),
      ...vlans.filter(isBridgeName).map((entry) => textAt(entry, 'ifname')!),
    ]),
  ];
  const only = port ?? (bridges.length === 1 ? bridges[0] : undefined);
  for (const entry of vlans) {
    const name = textAt(entry, 'ifname')!;
    if (bridges.includes(name)) continue;
    if (links.get(name)?.master === undefined) placePort(links, entry, only);
    const link = links.get(name);
    if (link?.master === undefined)
      found.unknown(lineAt(entry.line, name), 'The output does not say which bridge the port is in: put `ip -j -d link show` before it.');
    else link.bridgeVlans = bridgeVlans(entry);
  }
  settingsOfLinks(links, found);
  const said = routes.flatMap((entry) => routeFrom(entry, found) ?? []);
  if (said.length > 0) found.say(lineAt(routes[0]!.line), ['routes'], said.toSorted());

  const showsAddresses = interfaces.some(({ members }) => members.has('addr_info'));
  const covers = (key: readonly string[]): boolean => {
    const [section, name, what] = key;
    if (section === 'routes') return routes.length > 0;
    if (!says(key) || section === 'drivers' || (port !== undefined && name !== port)) return false;
    if (what === 'carried') return vlans.length > 0;
    if (key.at(-1) === 'addresses') return showsAddresses;
    if (key.at(-1) === 'dhcp' || key.at(-1) === 'autoconfigure') return false;
    if (section === 'nics' && ['speed', 'flowControl', 'dcb', 'rdma', 'offloads'].includes(what!)) return false;
    return isDetailed && !(what === 'sriov' && key[3] === 'mode');
  };
  return found.reading('host', covers, defaultOf);
}

/** Queues that the kernel chooses itself; a fabric file has no words for others. */
const USUAL_QUEUES: ReadonlySet<string | undefined> = new Set(['noqueue', 'pfifo_fast', 'mq', 'fq_codel', 'fq', 'noop']);

function readQdisc(found: Found, entry: Entry): void {
  const kind = textAt(entry, 'kind');
  if (!USUAL_QUEUES.has(kind))
    found.unknown(lineAt(entry.line, `${kind} at ${textAt(entry, 'dev')}`), 'A fabric file has no words for such a queue.');
}

function placePort(links: Map<string, Link>, entry: Entry, master: string | undefined): void {
  if (master === undefined) return;
  const name = textAt(entry, 'ifname')!;
  const link = links.get(name) ?? { name, line: entry.line, kind: 'port' };
  link.master = master;
  links.set(name, link);
  if (!links.has(master)) links.set(master, { name: master, line: entry.line, kind: 'bridge' });
}

/** What the kernel has where nothing is said. */
function defaultOf(key: readonly string[]): number | undefined {
  const isMap = key[2] === 'vlans' && (key[4] === 'egress' || key[4] === 'ingress');
  const isCount = key[0] === 'nics' && key[2] === 'sriov' && key[3] === 'functions';
  const isUntagged = key[0] === 'virtualNics' && key[2] === 'vlan';
  return isMap || isCount || isUntagged ? 0 : undefined;
}
