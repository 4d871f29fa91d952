/** LIO's configuration in the words of the fabric file, and what of it that file has no words for. */
import type { Found } from '../core/found.ts';
import type { Line } from '../core/lines.ts';
import { DEFAULT_ALIAS, type LioAcl, type LioChap, type LioConfig, type LioGroup, type LioStore, type LioTarget } from './config.ts';

type LineOf = (number: number) => Line;

export function tell(config: LioConfig, found: Found, lineOf: LineOf): void {
  tellPortals(config, found, lineOf);
  const all = allPortals(config);
  const shown = new Set<string>();
  for (const target of config.targets.values()) tellTarget(target, config, all, shown, found, lineOf);
  for (const [name, store] of config.stores) if (!shown.has(name)) found.unknown(lineOf(store.line), 'No LUN shows this store.');
  const { discovery } = config;
  if (discovery?.enabled === true) tellChap(['discovery', 'chap'], discovery, discovery.line, found, lineOf);
}

const groupsOf = (target: LioTarget): readonly LioGroup[] => [...target.groups.values()].toSorted((one, other) => one.tag - other.tag);

const allPortals = (config: LioConfig): readonly string[] =>
  [...new Set([...config.targets.values()].flatMap((target) => groupsOf(target).flatMap(({ portals }) => [...portals.keys()])))].toSorted();

/** The fabric file has portals at the array, LIO at each target: they have to be alike. */
function tellPortals(config: LioConfig, found: Found, lineOf: LineOf): void {
  for (const target of config.targets.values())
    for (const group of groupsOf(target))
      for (const [address, { iser, line }] of group.portals) {
        const key = ['portals', address];
        const before = found.value([...key, 'iser']);
        if (before === undefined) {
          found.say(lineOf(line), [...key, 'present'], true);
          found.say(lineOf(line), [...key, 'iser'], iser);
          found.say(lineOf(line), [...key, 'group'], group.tag);
          continue;
        }
        if (before !== iser) found.unknown(lineOf(line), 'Another target has this portal with iSER, or without.');
        if (found.value([...key, 'group']) !== group.tag) found.unknown(lineOf(line), 'Another target has this portal in another group.');
      }
}

function tellTarget(target: LioTarget, config: LioConfig, all: readonly string[], shown: Set<string>, found: Found, lineOf: LineOf): void {
  const key = ['targets', target.name];
  const line = lineOf(target.line);
  found.say(line, [...key, 'present'], true);
  const [first, ...others] = groupsOf(target);
  if (first === undefined) return;
  for (const group of [first, ...others]) {
    if (!group.enabled) found.unknown(lineOf(group.line), 'The portal group is disabled: nobody can log in through it.');
    for (const { store } of group.luns.values()) shown.add(store);
  }
  const wanted = signature(first);
  for (const group of others)
    if (signature(group) !== wanted)
      found.unknown(
        lineOf(group.line),
        `Group ${group.tag} has other LUNs or initiators than group ${first.tag}: the fabric file says them once for a target.`,
      );
  if (first.alias !== undefined && first.alias.text !== DEFAULT_ALIAS)
    found.say(lineOf(first.alias.line), [...key, 'alias'], first.alias.text);
  const own = [...new Set([first, ...others].flatMap(({ portals }) => [...portals.keys()]))].toSorted();
  if (own.length > 0) found.say(line, [...key, 'portals'], own, own.length === all.length);
  tellLuns(key, first, config, found, lineOf);
  tellAccess(key, first, found, lineOf);
}

/** All that has to be the same in each group of a target. */
const signature = ({ luns, acls, authentication, generateAcls, demoWriteProtect, chap }: LioGroup): string =>
  JSON.stringify([
    [...luns].map(([lun, { store }]) => [lun, store]).toSorted(),
    [...acls.values()]
      .map((acl) => [
        acl.initiator,
        acl.authentication,
        acl.chap,
        [...acl.mapped].map(([index, one]) => [index, one.lun, one.writeProtect]).toSorted(),
      ])
      .toSorted(),
    authentication,
    generateAcls,
    generateAcls && demoWriteProtect,
    chap,
  ]);

function tellLuns(target: readonly string[], group: LioGroup, config: LioConfig, found: Found, lineOf: LineOf): void {
  for (const [number, { store: name, line }] of [...group.luns].toSorted(([one], [other]) => one - other)) {
    const store = config.stores.get(name);
    if (store === undefined || !['fileio', 'block', 'ramdisk'].includes(store.plugin)) {
      found.unknown(
        lineOf(line),
        store === undefined ? `There is no store \`${name}\`.` : `The fabric file has no stores of the kind \`${store.plugin}\`.`,
      );
      continue;
    }
    const key = [...target, 'luns', `${number}`];
    const place = lineOf(store.line);
    const inMemory = store.plugin === 'ramdisk';
    found.say(lineOf(line), [...key, 'store'], inMemory ? 'memory' : 'file');
    if (store.path !== undefined) found.say(place, [...key, 'path'], store.path);
    // A file has its size anyway.
    if (store.sizeBytes !== undefined) found.say(place, [...key, 'size'], store.sizeBytes, !inMemory);
    if (store.blockBytes !== undefined) found.say(place, [...key, 'blockSize'], store.blockBytes);
    // RAM disks of LIO know no UNMAP, whatever was wanted.
    if (store.thin !== undefined && !inMemory) found.say(place, [...key, 'thin'], store.thin);
    found.say(place, [...key, 'readOnly'], isReadOnly(number, group, store, found, lineOf));
    // Every store has a serial number, whether somebody chose it or not.
    if (store.serial !== undefined) found.say(place, [...key, 'serial'], store.serial, true);
  }
}

function isReadOnly(lun: number, group: LioGroup, store: LioStore, found: Found, lineOf: LineOf): boolean {
  if (store.readOnly) return true;
  let readOnly: boolean | undefined = group.generateAcls ? group.demoWriteProtect : undefined;
  for (const acl of group.acls.values())
    for (const mapped of acl.mapped.values()) {
      if (mapped.lun !== lun) continue;
      if (readOnly !== undefined && readOnly !== mapped.writeProtect)
        found.unknown(lineOf(mapped.line), 'Others may write to this LUN, or may not: the fabric file says it once for all.');
      readOnly ??= mapped.writeProtect;
    }
  return readOnly ?? false;
}

function tellAccess(target: readonly string[], group: LioGroup, found: Found, lineOf: LineOf): void {
  if (group.generateAcls) {
    const key = [...target, 'access', 'any'];
    found.say(lineOf(group.line), [...key, 'present'], true);
    if (group.authentication) tellChap([...key, 'chap'], group.chap, group.line, found, lineOf);
  }
  for (const acl of group.acls.values()) {
    const key = [...target, 'access', acl.initiator];
    found.say(lineOf(acl.line), [...key, 'present'], true);
    if (acl.authentication ?? group.authentication) tellChap([...key, 'chap'], acl.chap, acl.line, found, lineOf);
    else if (acl.chap.user !== undefined || acl.chap.secret !== undefined)
      found.unknown(lineOf(acl.line), `\`${acl.initiator}\` has a CHAP account, and nobody asks for it.`);
    tellMapping(acl, group, found, lineOf);
  }
}

/** The fabric file shows every LUN of a target to everybody who may log in, under its number. */
function tellMapping(acl: LioAcl, group: LioGroup, found: Found, lineOf: LineOf): void {
  for (const [index, { lun, line }] of acl.mapped)
    if (index !== lun) found.unknown(lineOf(line), `LUN ${lun} is shown to \`${acl.initiator}\` as ${index}.`);
  const seen = new Set([...acl.mapped.values()].map(({ lun }) => lun));
  const hidden = [...group.luns.keys()].filter((lun) => !seen.has(lun));
  if (hidden.length > 0) found.unknown(lineOf(acl.line), `\`${acl.initiator}\` is not shown LUN ${hidden.join(', ')}.`);
}

function tellChap(key: readonly string[], chap: LioChap, number: number, found: Found, lineOf: LineOf): void {
  const line = lineOf(number);
  if (chap.user === undefined || chap.secret === undefined) {
    // The tree of `ls` tells that CHAP is asked for, and not of whom.
    found.unknown(
      line,
      chap.user === undefined ? 'CHAP is asked for; of which user, stands nowhere here.' : 'The CHAP user has no secret.',
    );
    return;
  }
  found.say(line, [...key, 'user'], chap.user);
  if (chap.secret !== '') found.say(line, [...key, 'secret'], chap.secret);
  if (chap.mutualUser === undefined || chap.mutualSecret === undefined) return;
  found.say(line, [...key, 'mutual', 'user'], chap.mutualUser);
  if (chap.mutualSecret !== '') found.say(line, [...key, 'mutual', 'secret'], chap.mutualSecret);
}
