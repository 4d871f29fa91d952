/** Storage of a node as a fabric file has it: arrays' portals, targets and initiators, hosts' iSCSI adapters. */
import { entriesIn, everywhere, isTree, type Leaf, type Tree, treeIn } from './tree.ts';
import { durationText, sizeText } from './words.ts';
import type { NodeKind } from '../core/dialect.ts';

export function declareStorage(kind: NodeKind, tree: Tree): void {
  everywhere(tree, (one, path) => declareChap(one, path));
  if (kind === 'array') declareArray(tree);
  for (const [, adapter] of entriesIn(treeIn(tree, 'iscsi'))) if (isTree(adapter)) declareAdapter(adapter);
}

const list = (items: readonly unknown[]): Leaf => items as Leaf;

/** Secrets are no part of an output: where they come from is for whoever has them, and gets a name to begin with. */
function declareChap(tree: Tree, path: readonly string[]): void {
  const chap = treeIn(tree, 'chap');
  if (chap === undefined) return;
  if (chap['user'] === undefined) {
    delete tree['chap'];
    return;
  }
  declareSecret(chap, path, '');
  const mutual = treeIn(chap, 'mutual');
  if (mutual === undefined) return;
  // Windows takes any name that the target answers with; usually it is its own.
  mutual['user'] ??= path.at(-1) ?? 'target';
  declareSecret(mutual, path, '_MUTUAL');
}

function declareSecret(chap: Tree, path: readonly string[], suffix: string): void {
  const { secret } = chap;
  const named = typeof secret === 'string' ? /^(env|file):(.+)$/s.exec(secret) : null;
  const last = path.at(-1) ?? 'discovery';
  const made = `${last
    .split(':')
    .at(-1)!
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toUpperCase()}${suffix}_SECRET`.replace(/^(?=\d)/, '_');
  chap['secret'] = named === null ? { env: made.slice(0, 128) } : { [named[1]!]: named[2]! };
}

function declareArray(tree: Tree): void {
  tree['portals'] = list(
    entriesIn(treeIn(tree, 'portals')).map(([listen, one]) => {
      const { iser, group } = one as Tree;
      if (iser !== true && (group === undefined || group === 1)) return listen;
      return { listen, ...(iser === true ? { iser } : {}), ...(group === undefined || group === 1 ? {} : { group }) };
    }),
  );
  for (const [, target] of entriesIn(treeIn(tree, 'targets'))) {
    if (!isTree(target)) continue;
    for (const [, lun] of entriesIn(treeIn(target, 'luns'))) if (isTree(lun)) declareLun(lun);
    // Without a list anybody may log in: that nobody may has to be written.
    const access = entriesIn(treeIn(target, 'access'));
    target['access'] = list(
      access.map(([initiator, one]) => (isTree(one) && one['chap'] !== undefined ? { initiator, ...one } : initiator)),
    );
  }
  tree['targets'] ??= {};
}

function declareLun(lun: Tree): void {
  if (typeof lun['size'] === 'number') lun['size'] = sizeText(lun['size']);
  if (lun['blockSize'] === 512) delete lun['blockSize'];
  if (lun['readOnly'] === false) delete lun['readOnly'];
  if (lun['thin'] === true) lun['provisioning'] = 'thin';
  delete lun['thin'];
}

/** As in the model, and as they are written. */
const BYTES: Readonly<Record<string, string>> = {
  maxReceiveSegmentBytes: 'maxReceiveSegment',
  firstBurstBytes: 'firstBurst',
  maxBurstBytes: 'maxBurst',
};

function declareSettings(tree: Tree): void {
  const settings = treeIn(tree, 'settings');
  for (const [name, value] of entriesIn(settings)) {
    const bytes = BYTES[name];
    const time = /^(.*)Nanos$/.exec(name)?.[1];
    if (bytes === undefined && time === undefined) continue;
    delete settings![name];
    settings![bytes ?? time!] = bytes === undefined ? durationText(value as number) : sizeText(value as number);
  }
}

function declareAdapter(adapter: Tree): void {
  if (adapter['kind'] === 'software') delete adapter['kind'];
  everywhere(adapter, declareSettings);
  const discovery = treeIn(adapter, 'discovery');
  if (discovery !== undefined)
    adapter['discovery'] = list(
      entriesIn(discovery).map(([server, one]) => (isTree(one) && Object.keys(one).length > 0 ? { server, ...one } : server)),
    );
  const targets = treeIn(adapter, 'targets');
  if (targets !== undefined) adapter['targets'] = list(entriesIn(targets).map(([name, one]) => ({ name, ...(one as Tree) })));
}
