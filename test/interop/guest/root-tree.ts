/** The guest's root: the programs of a recipe with their libraries, kernel modules with their dependencies, and our own files. */
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { ArchiveEntry } from './cpio.ts';
import type { Recipe } from './recipe.ts';
import { tool } from './tool.ts';

const LIBRARY_FOLDERS = ['usr/lib/x86_64-linux-gnu', 'usr/lib'];
const LOADER = 'lib64/ld-linux-x86-64.so.2';
const KMOD_NAMES = ['modprobe', 'insmod', 'rmmod', 'lsmod', 'modinfo', 'depmod'];
const FOLDERS = ['dev', 'proc', 'sys', 'run', 'tmp', 'root', 'mnt', 'etc', 'var', 'var/lib', 'usr'];

export interface RootTree {
  readonly entries: ReadonlyMap<string, ArchiveEntry>;
  readonly kernelRelease: string;
}

export function makeRootTree(recipe: Recipe, stage: string, ownFiles: string, work: string): RootTree {
  const tree = new Map<string, ArchiveEntry>();
  const put = (path: string, data: Uint8Array | string, isExecutable = false): void => {
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) if (!tree.has(folder)) tree.set(folder, { kind: 'folder' });
    tree.set(path, { kind: 'file', data: typeof data === 'string' ? Buffer.from(data) : data, isExecutable });
  };
  /** A staged file, links followed, at the same place. */
  const copy = (path: string): void => {
    if (tree.has(path)) return;
    const from = join(stage, path);
    put(path, readFileSync(from), (statSync(from).mode & 0o111) !== 0);
  };
  const copyWithLibraries = (path: string): void => {
    copy(path);
    for (const library of librariesOf(stage, path)) copy(library);
  };

  for (const folder of FOLDERS) tree.set(folder, { kind: 'folder' });
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) {
    tree.set(`usr/${folder}`, { kind: 'folder' });
    tree.set(folder, { kind: 'link', to: `usr/${folder}` });
  }
  tree.set('var/run', { kind: 'link', to: '../run' });

  copy(`usr/${LOADER}`);
  for (const program of ['busybox', ...recipe.programs]) {
    const path = [`usr/bin/${program}`, `usr/sbin/${program}`].find((candidate) => existsSync(join(stage, candidate)));
    if (path === undefined) throw new Error(`no package of the guest has a program ${program}`);
    copyWithLibraries(path);
  }
  for (const [folder, names] of recipe.files) {
    const found = readdirSync(join(stage, folder)).filter((name) => names.test(name));
    if (found.length === 0) throw new Error(`no package of the guest has a file ${folder}/${names.source}`);
    for (const name of found) (name.includes('.so') ? copyWithLibraries : copy)(`${folder}/${name}`);
  }

  const applets = tool(join(stage, 'usr/bin/busybox'), ['--list']).toString('utf8').trim().split('\n');
  for (const applet of applets) {
    if (!tree.has(`usr/bin/${applet}`) && !tree.has(`usr/sbin/${applet}`)) tree.set(`usr/bin/${applet}`, { kind: 'link', to: 'busybox' });
  }
  // busybox's shell would prefer its applets to the real programs.
  tree.set('usr/bin/sh', { kind: 'link', to: 'dash' });
  for (const name of KMOD_NAMES) {
    tree.delete(`usr/bin/${name}`);
    tree.set(`usr/sbin/${name}`, { kind: 'link', to: '../bin/kmod' });
  }

  put('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n');
  put('etc/group', 'root:x:0:\n');
  put('etc/nsswitch.conf', 'hosts: files\n');
  put('etc/hosts', '127.0.0.1 localhost\n');
  for (const name of readdirSync(ownFiles)) put(name === 'init' ? name : `usr/bin/${name}`, readFileSync(join(ownFiles, name)), true);

  const kernelRelease = readdirSync(join(stage, 'usr/lib/modules')).find((name) => existsSync(join(stage, 'boot', `vmlinuz-${name}`)));
  if (kernelRelease === undefined) throw new Error('no kernel was unpacked');
  for (const [path, data] of moduleTree(recipe, stage, kernelRelease, work)) put(path, data);
  return { entries: tree, kernelRelease };
}

/** Asks the staged loader, so that this machine's own libraries play no part; paths are below the stage. */
function librariesOf(stage: string, path: string): readonly string[] {
  const search = LIBRARY_FOLDERS.map((folder) => join(stage, folder)).join(':');
  const list = tool(join(stage, LOADER), ['--library-path', search, '--list', join(stage, path)], { mayFail: true }).toString('utf8');
  const missing = /^\s*(\S+) => not found/m.exec(list);
  if (missing !== null) throw new Error(`${path} needs ${missing[1]!}, which no package of the guest has`);
  return [...list.matchAll(/=> (\/\S+)/g)].map((match) => relative(stage, match[1]!)).filter((library) => !library.startsWith('..'));
}

/** The modules that were asked for and those that they name as needed, with the indexes that modprobe reads. */
function moduleTree(recipe: Recipe, stage: string, release: string, work: string): ReadonlyMap<string, Uint8Array> {
  const folder = `usr/lib/modules/${release}`;
  const known = new Map<string, string>();
  for (const path of filesBelow(join(stage, folder, 'kernel'))) {
    const name = /([^/]+)\.ko(?:\.xz)?$/.exec(path)?.[1];
    if (name !== undefined) known.set(moduleName(name), path);
  }
  const out = new Map<string, Uint8Array>();
  const wanted = recipe.modules.map(moduleName);
  const builtIn = readFileSync(join(stage, folder, 'modules.builtin'), 'utf8');
  const isBuiltIn = (name: string): boolean => new RegExp(`/${name.replaceAll('_', '[-_]')}\\.ko$`, 'm').test(builtIn);
  const seen = new Set<string>();
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const path = known.get(name);
    if (path === undefined) {
      if (isBuiltIn(name)) continue;
      throw new Error(`the guest's kernel has no module ${name}`);
    }
    const data = path.endsWith('.xz') ? tool('xz', ['-dc', path]) : readFileSync(path);
    // The section .modinfo is a row of texts, each `name=value` and a zero.
    const depends = /\0depends=([^\0]*)\0/.exec(data.toString('latin1'))?.[1] ?? '';
    wanted.push(...depends.split(',').filter(Boolean).map(moduleName));
    out.set(`${folder}/${relative(join(stage, folder), path).replace(/\.xz$/, '')}`, data);
  }
  return withIndexes(out, stage, folder, release, work);
}

function withIndexes(modules: Map<string, Uint8Array>, stage: string, folder: string, release: string, work: string): typeof modules {
  const root = join(work, 'modules');
  for (const [path, data] of modules) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), data);
  }
  for (const name of ['modules.order', 'modules.builtin', 'modules.builtin.modinfo']) {
    writeFileSync(join(root, folder, name), readFileSync(join(stage, folder, name)));
  }
  const search = LIBRARY_FOLDERS.map((libraries) => join(stage, libraries)).join(':');
  const kmod = realpathSync(join(stage, 'usr/bin/kmod'));
  tool(join(stage, LOADER), ['--library-path', search, '--argv0', 'depmod', kmod, '-b', join(root, 'usr'), release]);
  const indexes = readdirSync(join(root, folder)).filter((name) => name.startsWith('modules.'));
  for (const name of indexes) modules.set(`${folder}/${name}`, readFileSync(join(root, folder, name)));
  return modules;
}

/** The kernel takes `-` and `_` for the same. */
const moduleName = (name: string): string => name.replaceAll('-', '_');

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}
