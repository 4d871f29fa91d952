/** What LIO is to be told of an array of the fabric file; and what it can't be told, with why. */
import type { Emission } from '../core/emission.ts';
import type { Setting } from '../core/setting.ts';
import { placeholder, portalText } from './config.ts';

export interface PlannedChap {
  readonly user: string;
  readonly secret: Secret;
  readonly mutual: { readonly user: string; readonly secret: Secret } | undefined;
  readonly from: Setting;
}

/** What stands for a secret, and who has it. */
export interface Secret {
  readonly text: string;
  readonly note: string;
}

export interface PlannedStore {
  readonly plugin: 'fileio' | 'block' | 'ramdisk';
  readonly name: string;
  readonly path: string | undefined;
  readonly sizeBytes: number | undefined;
  readonly serial: string | undefined;
  readonly blockBytes: number;
  readonly thin: boolean;
  readonly readOnly: boolean;
  readonly from: Setting;
}

export interface PlannedGroup {
  readonly tag: number;
  readonly portals: readonly { readonly host: string; readonly port: number; readonly iser: boolean; readonly from: Setting }[];
}

export interface PlannedTarget {
  readonly name: string;
  readonly from: Setting;
  readonly alias: Setting | undefined;
  readonly groups: readonly PlannedGroup[];
  readonly luns: readonly { readonly lun: number; readonly store: PlannedStore; readonly readOnly: boolean; readonly from: Setting }[];
  readonly acls: readonly { readonly initiator: string; readonly chap: PlannedChap | undefined; readonly from: Setting }[];
  /** Everybody else may log in. */
  readonly any: { readonly chap: PlannedChap | undefined; readonly from: Setting } | undefined;
  readonly authentication: boolean;
  readonly demoWriteProtect: boolean;
}

export interface Plan {
  readonly stores: readonly PlannedStore[];
  readonly targets: readonly PlannedTarget[];
  readonly discovery: PlannedChap | undefined;
}

/** Characters that values may have in the shell of targetcli (configshell-fb 1.1.28); blanks and quotes are none. */
const TYPEABLE = /^[A-Za-z0-9?;&*$!#,=_\\+/.<>()~@:\-%[\]]+$/;
const UNTYPEABLE = 'The shell of targetcli takes no blanks or quotes in values.';
/** rtslib-fb 2.1: MappedLUN.MAX_LUN. */
const MAPPED_LUN_MAX = 255;

export function planOf(emission: Emission): Plan {
  const names = new Set<string>();
  const targets = emission.names('targets').flatMap((name) => planTarget(emission, name, names) ?? []);
  for (const address of emission.names('portals'))
    emission.refuseAll('LIO has portals at targets only, and no target has this one.', 'portals', address);
  return {
    stores: targets.flatMap((target) => target.luns.map(({ store }) => store)),
    targets,
    discovery: planChap(emission, ['discovery', 'chap']),
  };
}

function planTarget(emission: Emission, name: string, names: Set<string>): PlannedTarget | undefined {
  const key = ['targets', name];
  const from = emission.take(...key, 'present');
  if (from === undefined) return undefined;
  const alias = typeable(emission, ...key, 'alias');
  const initiators = emission.names(...key, 'access');
  const acls = initiators
    .filter((initiator) => initiator !== 'any')
    .map((initiator) => {
      const place = [...key, 'access', initiator];
      return { initiator, from: emission.take(...place, 'present')!, chap: planChap(emission, [...place, 'chap']) };
    });
  const everybody = emission.take(...key, 'access', 'any', 'present');
  const any = everybody === undefined ? undefined : { from: everybody, chap: planChap(emission, [...key, 'access', 'any', 'chap']) };
  const numbers = emission.names(...key, 'luns').map(Number);
  // Whom LIO does not know by name may write to all of a group, or to nothing.
  const demoWriteProtect = numbers.length > 0 && numbers.every((lun) => emission.peek(...key, 'luns', `${lun}`, 'readOnly') === true);
  return {
    name,
    from,
    alias,
    groups: planGroups(emission, name),
    luns: numbers.flatMap((lun) => planLun(emission, name, lun, { names, canProtect: any === undefined, demoWriteProtect }) ?? []),
    acls,
    any,
    authentication: any === undefined ? acls.some(({ chap }) => chap !== undefined) : any.chap !== undefined,
    demoWriteProtect,
  };
}

function planGroups(emission: Emission, target: string): readonly PlannedGroup[] {
  const own = emission.take('targets', target, 'portals')?.value;
  const addresses = Array.isArray(own) ? (own as readonly string[]) : emission.names('portals');
  const groups = new Map<number, PlannedGroup['portals'][number][]>();
  for (const address of addresses) {
    const at = address.lastIndexOf(':');
    if (address.slice(at) === ':0') emission.refuseAll('LIO wants to know the port.', 'portals', address);
    const from = emission.take('portals', address, 'present');
    const host = address.slice(0, at).replace(/^\[(.*)\]$/, '$1');
    const port = Number(address.slice(at + 1));
    if (from === undefined || portalText(host, port) === undefined) continue;
    const tag = emission.take('portals', address, 'group')?.value ?? 1;
    const iser = emission.take('portals', address, 'iser')?.value === true;
    const group = groups.get(tag as number) ?? [];
    group.push({ host, port, iser, from });
    groups.set(tag as number, group);
  }
  return [...groups].map(([tag, portals]) => ({ tag, portals })).toSorted((one, other) => one.tag - other.tag);
}

interface LunChoice {
  /** Names of stores that are taken. */
  readonly names: Set<string>;
  readonly canProtect: boolean;
  readonly demoWriteProtect: boolean;
}

function planLun(emission: Emission, target: string, lun: number, choice: LunChoice): PlannedTarget['luns'][number] | undefined {
  const key = ['targets', target, 'luns', `${lun}`];
  if (lun > MAPPED_LUN_MAX) {
    emission.refuseAll(`LIO shows LUNs up to ${MAPPED_LUN_MAX}.`, ...key);
    return undefined;
  }
  const inMemory = emission.peek(...key, 'store') === 'memory';
  const path = inMemory ? undefined : typeable(emission, ...key, 'path');
  if (!inMemory && path === undefined) {
    emission.refuseAll(UNTYPEABLE, ...key);
    return undefined;
  }
  const device = path !== undefined && (path.value as string).startsWith('/dev/');
  if (device) emission.refuse('The size of a device is its own.', ...key, 'size');
  // target_core_rd has no UNMAP.
  if (inMemory && emission.peek(...key, 'thin') === true) emission.refuse("LIO's RAM disks know no UNMAP.", ...key, 'thin');
  const thin = emission.take(...key, 'thin')?.value === true;
  const wanted = emission.peek(...key, 'readOnly') === true;
  if (wanted && !device && !choice.canProtect && !choice.demoWriteProtect)
    emission.refuse('LIO protects all LUNs from unknown initiators, or none.', ...key, 'readOnly');
  const readOnly = emission.take(...key, 'readOnly')?.value === true;
  const from = emission.take(...key, 'store')!;
  const store: PlannedStore = {
    plugin: inMemory ? 'ramdisk' : device ? 'block' : 'fileio',
    name: storeName(target, lun, choice.names),
    path: path?.value as string | undefined,
    sizeBytes: emission.take(...key, 'size')?.value as number | undefined,
    serial: typeable(emission, ...key, 'serial')?.value as string | undefined,
    blockBytes: (emission.take(...key, 'blockSize')?.value as number | undefined) ?? 512,
    thin,
    readOnly: device && readOnly,
    from,
  };
  return { lun, store, readOnly, from };
}

/** After the last part of the target's name. */
function storeName(target: string, lun: number, names: Set<string>): string {
  const stem = `${target
    .split(':')
    .at(-1)!
    .replace(/[^A-Za-z0-9_.-]/g, '-')}-${lun}`;
  let name = stem;
  for (let number = 2; names.has(name); number += 1) name = `${stem}-${number}`;
  names.add(name);
  return name;
}

function typeable(emission: Emission, ...key: readonly string[]): Setting | undefined {
  if (!TYPEABLE.test(String(emission.peek(...key) ?? 'x'))) emission.refuse(UNTYPEABLE, ...key);
  return emission.take(...key);
}

function planChap(emission: Emission, key: readonly string[]): PlannedChap | undefined {
  const identity = (place: readonly string[]): { user: string; secret: Secret; from: Setting } | undefined => {
    const user = typeable(emission, ...place, 'user');
    if (user === undefined) {
      emission.refuseAll(UNTYPEABLE, ...place);
      return undefined;
    }
    return { user: user.value as string, secret: secretOf(String(emission.take(...place, 'secret')?.value ?? '')), from: user };
  };
  const own = identity(key);
  return own === undefined ? undefined : { ...own, mutual: identity([...key, 'mutual']) };
}

/** `env:NAME` or `file:PATH`: the secret is put in by whoever types the command. */
function secretOf(source: string): Secret {
  const name = source.slice(source.indexOf(':') + 1);
  const note = source.startsWith('env:') ? `the secret that the environment variable ${name} holds` : `the secret in the file ${name}`;
  return { text: placeholder(source), note };
}
