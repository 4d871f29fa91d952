/** The tree that `ls` of targetcli prints: nodes by their indent, each with a name and what is known of it in brackets. */
import type { ReadContext, Reading } from '../core/dialect.ts';
import { Found } from '../core/found.ts';
import { type Line, splitLines } from '../core/lines.ts';
import { type LioAcl, type LioConfig, type LioGroup, newAcl, newGroup, portalText } from './config.ts';
import { reading } from './reading.ts';
import { tell } from './tell.ts';

interface Node {
  readonly line: Line;
  readonly depth: number;
  readonly name: string;
  /** In the brackets at the end. */
  readonly summary: string;
}

/** `o- name .......... [summary]`; the dots are as many as fit the terminal. */
export function nodeOf(line: Line): Node | undefined {
  const start = /^[ |]*o- /.exec(line.text)?.[0];
  if (start === undefined) return undefined;
  const body = line.text.slice(start.length);
  const dots = body.search(/\.{3,}/);
  const open = body.indexOf('[', Math.max(dots, 0));
  const hasSummary = dots >= 0 && open >= 0 && body.endsWith(']');
  const name = (dots >= 0 ? body.slice(0, dots) : body).trim();
  return { line, depth: start.length, name, summary: hasSummary ? body.slice(open + 1, -1) : '' };
}

export function readTree(text: string, { file }: ReadContext): Reading {
  const { lines, errors } = splitLines(text);
  const found = new Found(file, errors);
  const config: LioConfig = { stores: new Map(), targets: new Map(), discovery: undefined };
  const path: Node[] = [];
  let nodes = 0;
  for (const line of lines) {
    if (line.text.trim() === '' || /^\/\S*> /.test(line.text)) continue;
    const node = nodeOf(line);
    if (node === undefined) {
      found.unknown(line);
      continue;
    }
    nodes += 1;
    while (path.length > 0 && path.at(-1)!.depth >= node.depth) path.pop();
    path.push(node);
    visit(config, path, found);
  }
  if (nodes === 0) found.wrong(1, 'This is no tree of targetcli: no line begins with `o- `.');
  const byNumber = new Map(lines.map((line) => [line.number, line]));
  tell(config, found, (number) => byNumber.get(number)!);
  return reading(found, 'tree');
}

function visit(config: LioConfig, path: readonly Node[], found: Found): void {
  // The root has the name `/`; `ls /iscsi` has none.
  const names = path.map(({ name }) => name);
  const start = names.findIndex((name) => name === 'backstores' || name === 'iscsi');
  const node = path.at(-1)!;
  if (start < 0 || start === names.length - 1) {
    if (node.name !== '/' && start < 0 && !isEmptyPart(node)) found.unknown(node.line, 'Only stores and targets of iSCSI are read.');
    return;
  }
  const below = names.slice(start + 1);
  // An empty module may stand deeper than it belongs.
  if (isEmptyPart(node)) return;
  if (names[start] === 'backstores') visitStore(config, below, node, found);
  else visitTarget(config, below, node, found);
}

const isEmptyPart = ({ name, summary }: Node): boolean =>
  /^(?:loopback|srpt|vhost|qla2xxx|tcm_fc|sbp|usb_gadget|xen-pvscsi|user:\S+|pscsi)$/.test(name) &&
  (summary === '' || /: 0\]?$/.test(summary));

function visitStore(config: LioConfig, [plugin, name, ...more]: readonly string[], node: Node, found: Found): void {
  if (name === undefined) return;
  if (more.length > 0) {
    if (more.at(-1) !== 'alua' && !/^default_tg_pt_gp$/.test(node.name))
      found.unknown(node.line, 'Access states of single stores (ALUA) are not read.');
    return;
  }
  const path = plugin === 'ramdisk' ? undefined : /^(\S+) \(/.exec(node.summary)?.[1];
  const hasChoice = / (?:write-back) /.test(node.summary);
  config.stores.set(`${plugin}/${name}`, {
    plugin: plugin!,
    name,
    line: node.line.number,
    path,
    sizeBytes: undefined,
    serial: undefined,
    readOnly: / ro write-/.test(node.summary),
    blockBytes: undefined,
    thin: undefined,
  });
  if (hasChoice) found.unknown(node.line, 'How a store writes to its file is not said in the fabric file.');
}

function visitTarget(config: LioConfig, [name, group, part, ...more]: readonly string[], node: Node, found: Found): void {
  const line = node.line.number;
  if (group === undefined) {
    config.targets.set(name!, { name: name!, line, groups: new Map() });
    return;
  }
  const { groups } = config.targets.get(name!)!;
  const tag = Number(/^tpg(\d{1,5})$/.exec(group)?.[1] ?? Number.NaN);
  if (Number.isNaN(tag)) {
    found.unknown(node.line);
    return;
  }
  if (part === undefined) {
    const created = newGroup(tag, line);
    created.enabled = node.summary !== 'disabled';
    created.generateAcls = node.summary.startsWith('gen-acls');
    created.authentication = /tpg-auth|auth per-acl/.test(node.summary);
    groups.set(tag, created);
    return;
  }
  if (more.length === 0) return;
  const parent = groups.get(tag)!;
  if (part === 'luns') visitLun(parent, more, node, found);
  else if (part === 'portals') visitPortal(parent, more, node, found);
  else if (part === 'acls') visitAcl(parent, more, node, found);
  else found.unknown(node.line);
}

function visitLun(group: LioGroup, [name]: readonly string[], { line, summary }: Node, found: Found): void {
  const index = /^lun(\d{1,5})$/.exec(name!)?.[1];
  const store = /^([^/\s]+\/\S+)/.exec(summary)?.[1];
  if (index === undefined || store === undefined) found.unknown(line);
  else group.luns.set(Number(index), { line: line.number, store });
}

function visitPortal(group: LioGroup, [name]: readonly string[], { line, summary }: Node, found: Found): void {
  const at = name!.lastIndexOf(':');
  const address = portalText(name!.slice(0, at), Number(name!.slice(at + 1)));
  if (address === undefined) found.unknown(line, 'A portal without an address.');
  else group.portals.set(address, { line: line.number, iser: summary === 'iser' });
}

function visitAcl(group: LioGroup, [initiator, mapped]: readonly string[], { line, summary }: Node, found: Found): void {
  if (mapped === undefined) {
    const acl = newAcl(initiator!, line.number);
    acl.authentication = /1-way auth|mutual auth/.test(summary);
    group.acls.set(initiator!, acl);
    return;
  }
  const index = /^mapped_lun(\d{1,5})$/.exec(mapped)?.[1];
  const lun = /^lun(\d{1,5}) .*\((rw|ro)\)$/.exec(summary);
  const acl: LioAcl | undefined = group.acls.get(initiator!);
  if (index === undefined || lun === null || acl === undefined) found.unknown(line);
  else acl.mapped.set(Number(index), { line: line.number, lun: Number(lun[1]), writeProtect: lun[2] === 'ro' });
}
