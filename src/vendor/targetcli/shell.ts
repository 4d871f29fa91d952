/** The shell of targetcli (configshell-fb 1.1.28), as far as commands change what LIO is set to. */
import { isMistake } from '../../fabric/parsed.ts';
import { parseSize } from '../../fabric/size.ts';
import { type LioChap, type LioConfig, type LioGroup, type LioStore, newAcl, newGroup, portalText, sourceOf } from './config.ts';
import { ACL_ATTRIBUTES, GROUP_ATTRIBUTES, GROUP_PARAMETERS, isUsual, STORE_ATTRIBUTES } from './usual.ts';

/** Positional values by place, and `name=value`. */
interface Arguments {
  readonly places: readonly string[];
  readonly named: ReadonlyMap<string, string>;
}

/** Undefined: done. Else why not; '' where nothing more can be said. */
type Refusal = string | undefined;

const argumentOf = ({ places, named }: Arguments, name: string, place: number): string | undefined => named.get(name) ?? places[place];

export class Shell {
  readonly config: LioConfig = { stores: new Map(), targets: new Map(), discovery: undefined };
  #where: readonly string[] = [];
  /** Names that `create` chose, which nobody typed. */
  #chosen = 0;

  type(text: string, line: number): Refusal {
    const words = text.split(/\s+/);
    let path = this.#where;
    if (words[0]!.startsWith('/') || words[0]!.startsWith('../')) path = this.#resolve(words.shift()!);
    const command = words.shift();
    if (command === undefined) {
      this.#where = path;
      return undefined;
    }
    if (command === 'cd') {
      this.#where = this.#resolve(words[0] ?? '/');
      return undefined;
    }
    if (['ls', 'pwd', 'exit', 'saveconfig', 'info', 'sessions', 'status', 'version', 'help', 'get', 'refresh'].includes(command))
      return undefined;
    const named = new Map<string, string>();
    const places: string[] = [];
    for (const word of words) {
      const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(word);
      if (match === null) places.push(word);
      else named.set(match[1]!, match[2]!);
    }
    if (command === 'clearconfig') return this.#clear();
    return this.#run(path, command, { places, named }, line);
  }

  #resolve(text: string): readonly string[] {
    const path = text.startsWith('/') ? [] : [...this.#where];
    for (const step of text.split('/')) {
      if (step === '..') path.pop();
      else if (step !== '' && step !== '.') path.push(step);
    }
    return path;
  }

  #clear(): undefined {
    this.config.stores.clear();
    this.config.targets.clear();
    this.config.discovery = undefined;
    return undefined;
  }

  #run(path: readonly string[], command: string, given: Arguments, line: number): Refusal {
    const [top, ...below] = path;
    if (top === 'backstores') return this.#store(below, command, given, line);
    if (top !== 'iscsi') return path.length === 0 && command === 'set' && given.places[0] === 'global' ? undefined : '';
    if (below.length === 0) return this.#iscsi(command, given, line);
    const target = this.config.targets.get(below[0]!);
    if (target === undefined) return `There is no target \`${below[0]!}\` before this line.`;
    if (below.length === 1) {
      const tag = Number(argumentOf(given, 'tag', 0)?.replace(/^tpg/, '') ?? target.groups.size + 1);
      if (command === 'create') target.groups.set(tag, withDefaultPortal(newGroup(tag, line)));
      else if (command !== 'delete' || !target.groups.delete(tag)) return '';
      return undefined;
    }
    const group = target.groups.get(Number(below[1]!.replace(/^tpg/, '')));
    if (group === undefined) return 'There is no such portal group before this line.';
    return this.#group(group, below.slice(2), command, given, line);
  }

  #iscsi(command: string, given: Arguments, line: number): Refusal {
    if (command === 'create') {
      // Without a name targetcli makes one, that only its answer tells.
      const name = argumentOf(given, 'wwn', 0) ?? `(made up ${(this.#chosen += 1)})`;
      this.config.targets.set(name, { name, line, groups: new Map([[1, withDefaultPortal(newGroup(1, line))]]) });
      return argumentOf(given, 'wwn', 0) === undefined ? 'Which name targetcli chose is not known here.' : undefined;
    }
    if (command === 'delete') return this.config.targets.delete(argumentOf(given, 'wwn', 0) ?? '') ? undefined : '';
    if (command !== 'set' || given.places[0] !== 'discovery_auth') return '';
    const before = this.config.discovery ?? { enabled: false, line };
    const enable = given.named.get('enable');
    this.config.discovery = { ...before, ...chapOf(given), enabled: enable === undefined ? before.enabled : isOn(enable) };
    return undefined;
  }

  #store([plugin, name]: readonly string[], command: string, given: Arguments, line: number): Refusal {
    if (plugin === undefined) return '';
    if (name === undefined) {
      const chosen = argumentOf(given, 'name', 0);
      if (command === 'delete') return this.config.stores.delete(`${plugin}/${chosen}`) ? undefined : '';
      if (command !== 'create' || chosen === undefined) return '';
      this.config.stores.set(`${plugin}/${chosen}`, newStore(plugin, chosen, given, line));
      return undefined;
    }
    const store = this.config.stores.get(`${plugin}/${name}`);
    if (store === undefined || command !== 'set' || given.places[0] !== 'attribute') return '';
    const blocks = Number(given.named.get('block_size'));
    if (Number.isInteger(blocks)) store.blockBytes = blocks;
    const thin = given.named.get('emulate_tpu');
    if (thin !== undefined) store.thin = thin === '1';
    return unusual(given, STORE_ATTRIBUTES);
  }

  #group(group: LioGroup, [part, name]: readonly string[], command: string, given: Arguments, line: number): Refusal {
    if (part === undefined) return setGroup(group, command, given, line);
    if (part === 'portals') return name === undefined ? editPortals(group, command, given, line) : setPortal(group, name, command, given);
    if (part === 'luns') return editLuns(group, command, given, line);
    if (part === 'acls') return name === undefined ? editAcls(group, command, given, line) : setAcl(group, name, command, given, line);
    return '';
  }
}

const isOn = (value: string): boolean => /^(?:1|true|yes|on)$/i.test(value);

/** As targetcli makes it: all addresses, the usual port. */
function withDefaultPortal(group: LioGroup): LioGroup {
  group.portals.set('0.0.0.0:3260', { line: group.line, iser: false });
  return group;
}

function newStore(plugin: string, name: string, given: Arguments, line: number): LioStore {
  const size = argumentOf(given, 'size', plugin === 'ramdisk' ? 1 : 2);
  return {
    plugin,
    name,
    line,
    path: plugin === 'fileio' ? argumentOf(given, 'file_or_dev', 1) : plugin === 'block' ? argumentOf(given, 'dev', 1) : undefined,
    sizeBytes: size === undefined ? undefined : sizeOf(size),
    serial: given.named.get('wwn'),
    readOnly: isOn(given.named.get('readonly') ?? ''),
    blockBytes: 512,
    thin: false,
  };
}

/** targetcli counts in powers of 1024, whatever is written behind the number. */
function sizeOf(text: string): number | undefined {
  const parsed = parseSize(text.replace(/^(\d+)\s*([kmgt])b?$/i, (_, digits: string, unit: string) => `${digits}${unit.toUpperCase()}iB`));
  return isMistake(parsed) ? undefined : parsed.value;
}

function chapOf({ named }: Arguments): LioChap {
  const user = named.get('userid');
  const mutualUser = named.get('mutual_userid');
  return {
    ...(user === undefined ? {} : { user }),
    ...(named.has('password') ? { secret: sourceOf(named.get('password')!) } : {}),
    ...(mutualUser === undefined ? {} : { mutualUser }),
    ...(named.has('mutual_password') ? { mutualSecret: sourceOf(named.get('mutual_password')!) } : {}),
  };
}

function unusual({ named }: Arguments, usual: typeof STORE_ATTRIBUTES): Refusal {
  const found = [...named].filter(([name, value]) => !isUsual(usual, name, value)).map(([name]) => name);
  return found.length === 0 ? undefined : `The fabric file has no such setting of a target: ${found.join(', ')}.`;
}

function setGroup(group: LioGroup, command: string, given: Arguments, line: number): Refusal {
  if (command === 'enable' || command === 'disable') {
    group.enabled = command === 'enable';
    return undefined;
  }
  if (command !== 'set') return '';
  const { named } = given;
  if (given.places[0] === 'auth') group.chap = { ...group.chap, ...chapOf(given) };
  else if (given.places[0] === 'parameter') {
    const alias = named.get('TargetAlias');
    if (alias !== undefined) group.alias = { text: alias, line };
    return unusual(given, GROUP_PARAMETERS);
  } else if (given.places[0] === 'attribute') {
    const flag = (name: string, before: boolean): boolean => (named.has(name) ? named.get(name) === '1' : before);
    group.authentication = flag('authentication', group.authentication);
    group.generateAcls = flag('generate_node_acls', group.generateAcls);
    group.demoWriteProtect = flag('demo_mode_write_protect', group.demoWriteProtect);
    return unusual(given, GROUP_ATTRIBUTES);
  } else return '';
  return undefined;
}

function editPortals(group: LioGroup, command: string, given: Arguments, line: number): Refusal {
  const address = portalText(argumentOf(given, 'ip_address', 0) ?? '0.0.0.0', Number(argumentOf(given, 'ip_port', 1) ?? 3260));
  if (address === undefined) return 'This is no address.';
  if (command === 'create') group.portals.set(address, { line, iser: false });
  else if (command !== 'delete') return '';
  else if (!group.portals.delete(address)) return 'There is no such portal before this line.';
  return undefined;
}

function setPortal(group: LioGroup, name: string, command: string, given: Arguments): Refusal {
  const at = name.lastIndexOf(':');
  const portal = group.portals.get(portalText(name.slice(0, at), Number(name.slice(at + 1))) ?? '');
  if (portal === undefined) return 'There is no such portal before this line.';
  if (command !== 'enable_iser') return '';
  portal.iser = isOn(argumentOf(given, 'boolean', 0) ?? '');
  return undefined;
}

function editLuns(group: LioGroup, command: string, given: Arguments, line: number): Refusal {
  if (command === 'delete') return group.luns.delete(Number(argumentOf(given, 'lun', 0)?.replace(/^lun/, ''))) ? undefined : '';
  const store = /^\/backstores\/([^/]+\/[^/]+)$/.exec(argumentOf(given, 'storage_object', 0) ?? '')?.[1];
  if (command !== 'create' || store === undefined) return '';
  let lun = Number(argumentOf(given, 'lun', 1)?.replace(/^lun/, '') ?? Number.NaN);
  for (let free = 0; Number.isNaN(lun); free += 1) if (!group.luns.has(free)) lun = free;
  group.luns.set(lun, { line, store });
  if (given.named.get('add_mapped_luns') !== 'false')
    for (const acl of group.acls.values()) acl.mapped.set(lun, { line, lun, writeProtect: false });
  return undefined;
}

function editAcls(group: LioGroup, command: string, given: Arguments, line: number): Refusal {
  const initiator = argumentOf(given, 'wwn', 0);
  if (initiator === undefined) return '';
  if (command === 'delete') return group.acls.delete(initiator) ? undefined : '';
  if (command !== 'create') return '';
  const acl = newAcl(initiator, line);
  if (given.named.get('add_mapped_luns') !== 'false')
    for (const lun of group.luns.keys()) acl.mapped.set(lun, { line, lun, writeProtect: false });
  group.acls.set(initiator, acl);
  return undefined;
}

function setAcl(group: LioGroup, name: string, command: string, given: Arguments, line: number): Refusal {
  const acl = group.acls.get(name);
  if (acl === undefined) return `There is no initiator \`${name}\` before this line.`;
  if (command === 'create') {
    const index = Number(argumentOf(given, 'mapped_lun', 0));
    const lun = Number(argumentOf(given, 'tpg_lun_or_backstore', 1)?.replace(/^lun/, ''));
    if (!Number.isInteger(index) || !Number.isInteger(lun)) return '';
    acl.mapped.set(index, { line, lun, writeProtect: isOn(argumentOf(given, 'write_protect', 2) ?? '0') });
    return undefined;
  }
  if (command === 'delete')
    return acl.mapped.delete(Number(argumentOf(given, 'mapped_lun', 0)?.replace(/^mapped_lun/, ''))) ? undefined : '';
  if (command !== 'set') return '';
  if (given.places[0] === 'auth') {
    acl.chap = { ...acl.chap, ...chapOf(given) };
    return undefined;
  }
  if (given.places[0] !== 'attribute') return '';
  const authentication = given.named.get('authentication');
  if (authentication === '0' || authentication === '1') acl.authentication = authentication === '1';
  return unusual(given, ACL_ATTRIBUTES);
}
