/**
 * What is typed is gone with a restart, priorities of VLANs first of all: files of systemd-networkd keep it (systemd 252: systemd.netdev(5),
 * systemd.network(5)), and a script at boot types again what networkd has no words for. They are made of the commands, so that both say the same.
 */
import type { RenderedFile, Rendering } from '../core/dialect.ts';
import { parseAddress } from '../../wire/ip/address.ts';
import { inPrefix } from '../../wire/ip/address.ts';
import { interpret } from './interpret.ts';
import type { Link } from './link.ts';

const FOLDER = '/etc/systemd/network';
const SCRIPT = '/usr/local/sbin/samewire-adapters';

/** Commands that networkd's files say as well; those that write files of their own need nothing more. */
const KEPT: readonly RegExp[] = [
  /^ip link add /,
  /^ip link set dev \S+ (?:mtu|address|master|up$|down$)/,
  /^ip link set dev \S+ type bond (?:miimon|xmit_hash_policy|lacp_rate|num_grat_arp|primary|primary_reselect) /,
  /^bridge vlan add dev \S+ vid \S+(?: self)?$/,
  /^ip address add /,
  /^dhclient /,
  /^sysctl -w net\/ipv6\/conf\//,
  / >> \/etc\/modprobe\.d\//,
];

export function networkdFiles({ commands }: Pick<Rendering, 'commands'>, node: string): readonly RenderedFile[] {
  if (commands.length === 0) return [];
  const { links, routes } = interpret(commands.map(({ text }, index) => ({ number: index + 1, text, indent: 0 })));
  const left = new Set(routes);
  const files: RenderedFile[] = [];
  for (const link of links.values()) {
    const own = [...left].filter((route) => leadsThere(link, route.via));
    for (const route of own) left.delete(route);
    if (link.kind !== 'port') files.push({ path: `${FOLDER}/20-${link.name}.netdev`, text: netdev(link, node) });
    files.push({ path: `${FOLDER}/30-${link.name}.network`, text: network(link, links, own, node) });
  }
  const unkept = commands.map(({ text }) => text).filter((text) => !KEPT.some((pattern) => pattern.test(text)) && !isKeptRoute(text, left));
  if (unkept.length > 0)
    files.push({ path: SCRIPT, text: script(unkept, node) }, { path: '/etc/systemd/system/samewire-adapters.service', text: SERVICE });
  return files;
}

interface Route {
  readonly to: string;
  readonly via: string;
}

const isKeptRoute = (text: string, left: ReadonlySet<Route>): boolean =>
  / route add /.test(text) && ![...left].some(({ to, via }) => text.endsWith(` ${to} via ${via}`));

function leadsThere(link: Link, via: string): boolean {
  const router = parseAddress(via);
  return (link.addresses ?? []).some((written) => {
    const [text, bits] = written.split('/');
    const address = parseAddress(text!);
    return router !== undefined && address?.length === router.length && inPrefix(router, address, Number(bits));
  });
}

const header = (node: string): string => `# ${node}, from its fabric file.\n`;
const section = (name: string, lines: readonly (string | undefined)[]): string => {
  const said = lines.filter((line) => line !== undefined);
  return said.length === 0 ? '' : `\n[${name}]\n${said.join('\n')}\n`;
};
const line = (key: string, value: string | number | undefined): string | undefined => (value === undefined ? undefined : `${key}=${value}`);
const map = (entries: ReadonlyMap<number, number> | undefined): string | undefined =>
  entries === undefined ? undefined : [...entries].map(([from, to]) => `${from}-${to}`).join(' ');

function netdev(link: Link, node: string): string {
  const bond = link.bond ?? {};
  return [
    header(node).trimEnd(),
    section('NetDev', [line('Name', link.name), line('Kind', link.kind), line('MTUBytes', link.mtu), line('MACAddress', link.mac)]),
    section(
      'VLAN',
      link.kind === 'vlan'
        ? [line('Id', link.vlan), line('EgressQOSMaps', map(link.egress)), line('IngressQOSMaps', map(link.ingress))]
        : [],
    ),
    section('Bond', [
      line('Mode', bond.mode),
      line('MIIMonitorSec', bond.miimon === undefined ? undefined : `${bond.miimon}ms`),
      line('TransmitHashPolicy', bond.hash),
      line('LACPTransmitRate', bond.lacpRate),
      line('PrimaryReselectPolicy', bond.primaryReselect),
      line('GratuitousARP', bond.notifications),
    ]),
    section('Bridge', link.kind === 'bridge' ? ['VLANFiltering=yes'] : []),
  ]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n');
}

function network(link: Link, links: ReadonlyMap<string, Link>, routes: readonly Route[], node: string): string {
  const master = links.get(link.master ?? '');
  const vlans = [...links.values()].filter(({ kind, parent }) => kind === 'vlan' && parent === link.name);
  const isPort = link.kind === 'port';
  return [
    header(node).trimEnd(),
    section('Match', [line('Name', link.name)]),
    section('Link', isPort ? [line('MTUBytes', link.mtu), line('MACAddress', link.mac)] : []),
    section('Network', [
      master?.kind === 'bond' ? `Bond=${master.name}` : undefined,
      master?.kind === 'bond' && master.bond?.primary === link.name ? 'PrimarySlave=yes' : undefined,
      master?.kind === 'bridge' ? `Bridge=${master.name}` : undefined,
      ...vlans.map(({ name }) => `VLAN=${name}`),
      ...(link.addresses ?? []).map((address) => `Address=${address}`),
      link.dhcp === true ? 'DHCP=ipv4' : undefined,
      link.autoconfigure === true ? 'IPv6AcceptRA=yes' : undefined,
    ]),
    ...(link.bridgeVlans?.tagged ?? []).map(({ first, last }) =>
      section('BridgeVLAN', [line('VLAN', first === last ? first : `${first}-${last}`)]),
    ),
    ...(link.bridgeVlans?.untagged === 1 && link.bridgeVlans.tagged.length > 0
      ? [section('BridgeVLAN', ['PVID=1', 'EgressUntagged=1'])]
      : []),
    ...routes.map(({ to, via }) => section('Route', [line('Destination', to), line('Gateway', via)])),
  ]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n');
}

/** A bond must be down for `lacp_active`. */
const script = (commands: readonly string[], node: string): string =>
  [
    '#!/bin/sh -e',
    header(node).trimEnd(),
    ...commands.flatMap((text) => {
      const bond = /^ip link set dev (\S+) type bond lacp_active /.exec(text)?.[1];
      return bond === undefined ? [text] : [`ip link set dev ${bond} down`, text, `ip link set dev ${bond} up`];
    }),
    '',
  ].join('\n');

const SERVICE = `[Unit]
Description=Settings of network adapters that systemd-networkd has no words for
Wants=network-online.target
After=systemd-networkd.service network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${SCRIPT}

[Install]
WantedBy=multi-user.target
`;
