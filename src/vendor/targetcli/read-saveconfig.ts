/** saveconfig.json of rtslib-fb 2.1 (`RTSRoot.dump`). What the fabric file has no words for is shown by its line; secrets never are. */
import { flagOf, isError, type Json, type JsonObject, listOf, numberOf, objectOf, readJson, textOf } from '../core/json.ts';
import type { ReadContext, Reading } from '../core/dialect.ts';
import { Found } from '../core/found.ts';
import type { Line } from '../core/lines.ts';
import { type LioAcl, type LioChap, type LioConfig, type LioGroup, newAcl, newGroup, portalText, sourceOf } from './config.ts';
import { reading } from './reading.ts';
import { tell } from './tell.ts';
import { ACL_ATTRIBUTES, GROUP_ATTRIBUTES, GROUP_PARAMETERS, isUsual, STORE_ATTRIBUTES } from './usual.ts';

export function readSaveconfig(text: string, { file }: ReadContext): Reading {
  const root = readJson(text);
  const found = new Found(file);
  if (isError(root)) {
    found.wrong(root.line, root.message);
    return reading(found, 'saveconfig');
  }
  const lines = text.split('\n');
  const lineOf = (number: number): Line => ({ number, text: (lines[number - 1] ?? '').trim().slice(0, 200), indent: 0 });
  const top = objectOf(root);
  if (top === undefined || (listOf(top.get('targets')) === undefined && listOf(top.get('storage_objects')) === undefined)) {
    found.wrong(1, 'This is no saveconfig.json: it has neither `storage_objects` nor `targets`.');
    return reading(found, 'saveconfig');
  }
  const reader: Reader = { found, lineOf, config: { stores: new Map(), targets: new Map(), discovery: undefined } };
  rest(reader, top, ['fabric_modules', 'storage_objects', 'targets']);
  for (const one of listOf(top.get('storage_objects')) ?? []) readStore(reader, one);
  for (const one of listOf(top.get('fabric_modules')) ?? []) readModule(reader, one);
  for (const one of listOf(top.get('targets')) ?? []) readTarget(reader, one);
  tell(reader.config, found, lineOf);
  return reading(found, 'saveconfig');
}

interface Reader {
  readonly found: Found;
  readonly lineOf: (number: number) => Line;
  readonly config: LioConfig;
}

/** A line that is shown must not show what it keeps. */
/** Keys that nobody looked at. */
function rest({ found, lineOf }: Reader, object: JsonObject, known: readonly string[]): void {
  for (const [name, { line }] of object) if (!known.includes(name)) found.unknown(lineOf(line));
}

/** Attributes or parameters that somebody changed, and the fabric file has no words for. */
function changed({ found, lineOf }: Reader, one: Json | undefined, usual: typeof STORE_ATTRIBUTES): void {
  for (const [name, { line, value }] of objectOf(one) ?? [])
    if (!isUsual(usual, name, String(value))) found.unknown(lineOf(line), 'The fabric file has no such setting of a target.');
}

const numberIn = (object: JsonObject | undefined, name: string): number | undefined => numberOf(object?.get(name));

function readStore(reader: Reader, one: Json): void {
  const { found, lineOf } = reader;
  const store = objectOf(one);
  const name = textOf(store?.get('name'));
  const plugin = textOf(store?.get('plugin'));
  if (store === undefined || name === undefined || plugin === undefined) {
    found.unknown(lineOf(one.line), 'A store without a name or a kind.');
    return;
  }
  const attributes = objectOf(store.get('attributes'));
  const thin = numberIn(attributes, 'emulate_tpu');
  reader.config.stores.set(`${plugin}/${name}`, {
    plugin,
    name,
    line: store.get('name')!.line,
    path: textOf(store.get('dev')),
    sizeBytes: numberIn(store, 'size'),
    serial: textOf(store.get('wwn')),
    readOnly: flagOf(store.get('readonly')) === true,
    blockBytes: numberIn(attributes, 'block_size'),
    thin: thin === undefined ? undefined : thin === 1,
  });
  changed(reader, store.get('attributes'), STORE_ATTRIBUTES);
  rest(reader, store, ['name', 'plugin', 'dev', 'size', 'wwn', 'readonly', 'write_back', 'aio', 'attributes', 'alua_tpgs']);
  for (const key of ['write_back', 'aio'])
    if (flagOf(store.get(key)) === true)
      found.unknown(lineOf(store.get(key)!.line), 'How a store writes to its file is not said in the fabric file.');
  for (const group of listOf(store.get('alua_tpgs')) ?? []) {
    const alua = objectOf(group);
    if (textOf(alua?.get('name')) !== 'default_tg_pt_gp' || numberIn(alua, 'alua_access_state') !== 0)
      found.unknown(lineOf(alua?.get('name')?.line ?? group.line), 'Access states of single stores (ALUA) are not read.');
  }
}

function readModule(reader: Reader, one: Json): void {
  const module = objectOf(one);
  if (textOf(module?.get('name')) !== 'iscsi') {
    reader.found.unknown(reader.lineOf(one.line), 'Only targets of iSCSI are read.');
    return;
  }
  reader.config.discovery = {
    ...chapOf(module!, 'discovery_'),
    enabled: flagOf(module!.get('discovery_enable_auth')) === true,
    line: one.line,
  };
}

const chapOf = (object: JsonObject, prefix: 'chap_' | 'discovery_'): LioChap => {
  const user = textOf(object.get(`${prefix}userid`));
  const mutualUser = textOf(object.get(`${prefix}mutual_userid`));
  return {
    ...(user === undefined ? {} : { user }),
    ...(object.has(`${prefix}password`) ? { secret: sourceOf(textOf(object.get(`${prefix}password`)) ?? '') } : {}),
    ...(mutualUser === undefined ? {} : { mutualUser }),
    ...(object.has(`${prefix}mutual_password`) ? { mutualSecret: sourceOf(textOf(object.get(`${prefix}mutual_password`)) ?? '') } : {}),
  };
};

const CHAP_KEYS = ['chap_userid', 'chap_password', 'chap_mutual_userid', 'chap_mutual_password'];

function readTarget(reader: Reader, one: Json): void {
  const { found, lineOf, config } = reader;
  const target = objectOf(one);
  const name = textOf(target?.get('wwn'));
  if (target === undefined || name === undefined || textOf(target.get('fabric')) !== 'iscsi') {
    found.unknown(lineOf(target?.get('fabric')?.line ?? one.line), 'Only targets of iSCSI are read.');
    return;
  }
  const groups = new Map<number, LioGroup>();
  config.targets.set(name, { name, line: target.get('wwn')!.line, groups });
  rest(reader, target, ['wwn', 'fabric', 'tpgs', 'parameters']);
  changed(reader, target.get('parameters'), new Map([['cmd_completion_affinity', '-1']]));
  for (const tpg of listOf(target.get('tpgs')) ?? []) {
    const group = objectOf(tpg);
    if (group === undefined) continue;
    const tag = numberIn(group, 'tag') ?? 1;
    groups.set(tag, readGroup(reader, group, newGroup(tag, group.get('tag')?.line ?? tpg.line)));
  }
}

function readGroup(reader: Reader, object: JsonObject, group: LioGroup): LioGroup {
  const attributes = objectOf(object.get('attributes'));
  group.enabled = flagOf(object.get('enable')) !== false;
  group.authentication = numberIn(attributes, 'authentication') === 1;
  group.generateAcls = numberIn(attributes, 'generate_node_acls') === 1;
  group.demoWriteProtect = numberIn(attributes, 'demo_mode_write_protect') !== 0;
  group.chap = chapOf(object, 'chap_');
  const alias = objectOf(object.get('parameters'))?.get('TargetAlias');
  if (alias !== undefined && textOf(alias) !== undefined) group.alias = { text: textOf(alias)!, line: alias.line };
  changed(reader, object.get('attributes'), GROUP_ATTRIBUTES);
  changed(reader, object.get('parameters'), GROUP_PARAMETERS);
  rest(reader, object, ['tag', 'enable', 'attributes', 'parameters', 'luns', 'node_acls', 'portals', ...CHAP_KEYS]);
  for (const one of listOf(object.get('luns')) ?? []) readLun(reader, one, group);
  for (const one of listOf(object.get('portals')) ?? []) readPortal(reader, one, group);
  for (const one of listOf(object.get('node_acls')) ?? []) readAcl(reader, one, group);
  return group;
}

function readLun({ found, lineOf }: Reader, one: Json, group: LioGroup): void {
  const lun = objectOf(one);
  const index = numberIn(lun, 'index');
  const store = /^\/backstores\/([^/]+\/[^/]+)$/.exec(textOf(lun?.get('storage_object')) ?? '')?.[1];
  if (index === undefined || store === undefined) found.unknown(lineOf(one.line), 'A LUN without a number or a store.');
  else group.luns.set(index, { line: lun!.get('index')!.line, store });
}

function readPortal({ found, lineOf }: Reader, one: Json, group: LioGroup): void {
  const portal = objectOf(one);
  const address = portalText(textOf(portal?.get('ip_address')) ?? '', numberIn(portal, 'port') ?? 3260);
  if (address === undefined) {
    found.unknown(lineOf(one.line), 'A portal without an address.');
    return;
  }
  group.portals.set(address, { line: portal!.get('ip_address')!.line, iser: flagOf(portal!.get('iser')) === true });
  if (flagOf(portal!.get('offload')) === true)
    found.unknown(lineOf(portal!.get('offload')!.line), 'Offload of portals is not said in the fabric file.');
}

function readAcl(reader: Reader, one: Json, group: LioGroup): void {
  const { found, lineOf } = reader;
  const object = objectOf(one);
  const initiator = textOf(object?.get('node_wwn'));
  if (object === undefined || initiator === undefined) {
    found.unknown(lineOf(one.line), 'An initiator without a name.');
    return;
  }
  const acl: LioAcl = newAcl(initiator, object.get('node_wwn')!.line);
  const authentication = numberIn(objectOf(object.get('attributes')), 'authentication');
  // -1: as the group has it. Before there was such an attribute rtslib wrote none.
  if (authentication === 0 || authentication === 1) acl.authentication = authentication === 1;
  acl.chap = chapOf(object, 'chap_');
  for (const mapped of listOf(object.get('mapped_luns')) ?? []) {
    const entries = objectOf(mapped);
    const index = numberIn(entries, 'index');
    const lun = numberIn(entries, 'tpg_lun');
    if (index === undefined || lun === undefined) found.unknown(lineOf(mapped.line), 'A LUN without a number.');
    else acl.mapped.set(index, { line: entries!.get('index')!.line, lun, writeProtect: flagOf(entries!.get('write_protect')) === true });
  }
  changed(reader, object.get('attributes'), ACL_ATTRIBUTES);
  rest(reader, object, ['node_wwn', 'mapped_luns', 'attributes', ...CHAP_KEYS]);
  group.acls.set(initiator, acl);
}
