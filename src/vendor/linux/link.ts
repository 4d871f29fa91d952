/** Interfaces of a Linux machine, as `ip`, `bridge` and `/proc` show them and as commands make them. */
import type { Found } from '../core/found.ts';
import type { Line } from '../core/lines.ts';
import type { SettingValue } from '../core/setting.ts';

/** What `ip -d link` calls the kind; an adapter port has none. Ends of veth pairs and dummies are ports to us: they stand for some. */
export type LinkKind = 'port' | 'vlan' | 'bond' | 'bridge' | 'other';

export interface Link {
  readonly name: string;
  line: number;
  kind: LinkKind;
  /** The kernel's name of a kind that is `other`. */
  kindName?: string;
  mtu?: number;
  mac?: string;
  /** Before a bond gave it another one. */
  permanentMac?: string;
  master?: string;
  /** What a VLAN is on. */
  parent?: string;
  vlan?: number;
  egress?: Map<number, number>;
  ingress?: Map<number, number>;
  bond?: BondOptions;
  /** Of a port of a bond: the higher one is preferred. */
  priority?: number;
  vlanFiltering?: boolean;
  alternativeName?: string;
  alias?: string;
  functions?: readonly FunctionOptions[];
  functionCount?: number;
  functionMode?: string;
  addresses?: string[];
  dhcp?: boolean;
  autoconfigure?: boolean;
  /** Of a port of a bridge, or of the bridge itself. */
  bridgeVlans?: BridgeVlans;
}

export interface BondOptions {
  readonly mode?: string;
  readonly miimon?: number;
  readonly arpInterval?: number;
  readonly primary?: string;
  readonly primaryReselect?: string;
  readonly hash?: string;
  readonly lacpActive?: string;
  readonly lacpRate?: string;
  readonly notifications?: number;
}

export interface FunctionOptions {
  readonly number: number;
  readonly mac?: string;
  readonly vlan?: number;
  readonly priority?: number;
  readonly spoofCheck?: boolean;
  readonly trust?: boolean;
  readonly maxRateMegabits?: number;
  readonly linkState?: string;
}

export interface BridgeVlans {
  readonly line: number;
  readonly untagged: number | undefined;
  readonly tagged: readonly { readonly first: number; readonly last: number }[];
  /** VLANs without tags besides that of frames that come without: the kernel can, nobody else can. */
  readonly odd: boolean;
}

/** Lines of JSON have no text of their own worth showing: what is odd is named. */
export const lineAt = (number: number, text = ''): Line => ({ number, text, indent: 0 });

/** Adds what is known, as a line of an output says it. */
export function tell(found: Found, line: number, key: readonly string[], value: SettingValue | undefined, quiet = false): void {
  if (value !== undefined) found.say(lineAt(line), key, value, quiet);
}

export const odd = (found: Found, line: number, text: string, why: string): void => found.unknown(lineAt(line, text), why);

/** Where the addresses of an interface stand. Undefined: nowhere. */
export function placeOf(link: Link, links: ReadonlyMap<string, Link>): readonly string[] | undefined {
  if (link.kind === 'port') return ['nics', link.name];
  if (link.kind === 'bond') return ['teams', link.name];
  if (link.kind === 'bridge') return ['virtualNics', link.alternativeName ?? link.name];
  if (link.kind !== 'vlan' || link.vlan === undefined) return undefined;
  const parent = links.get(link.parent ?? '');
  if (parent?.kind === 'bridge') return ['virtualNics', link.name];
  if (parent === undefined || parent.kind === 'vlan' || parent.kind === 'other') return undefined;
  return [...placeOf(parent, links)!, 'vlans', `${link.vlan}`];
}
