/** Debian packages downloaded and unpacked without installing anything: no root, and the machine's own packages play no part. */
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Recipe } from './recipe.ts';
import { tool } from './tool.ts';

/** Downloads what the recipe names, with all dependencies, and unpacks it into a folder below `work`, whose path it gives. */
export function unpackPackages(recipe: Recipe, work: string): string {
  const apt = aptIn(resolve(work));
  let names = resolvePackages(recipe, apt);
  if (names === undefined) {
    // Images of systems come without package lists: ours are kept apart, so that this needs no root either.
    apt.useOwnLists();
    names = resolvePackages(recipe, apt);
    if (names === undefined) throw new Error(`apt knows no package ${recipe.kernelPackage}`);
  }
  const archives = join(work, 'archives');
  mkdirSync(archives);
  apt.run('apt-get', ['-qq', 'download', ...names], archives);
  return unpack(archives, join(work, 'stage'));
}

interface Apt {
  readonly run: (command: 'apt-get' | 'apt-cache', args: readonly string[], cwd?: string) => string;
  readonly useOwnLists: () => void;
}

function aptIn(work: string): Apt {
  for (const folder of ['apt/archives/partial', 'apt/lists/partial']) mkdirSync(join(work, folder), { recursive: true });
  // With nothing installed, the whole of the dependencies is to be had, whatever this machine has.
  const status = join(work, 'apt', 'status');
  writeFileSync(status, '');
  const options = [`Dir::State::status=${status}`, `Dir::Cache=${join(work, 'apt')}`, 'Debug::NoLocking=1'];
  options.push('APT::Install-Recommends=false', 'APT::Sandbox::User=');
  const run: Apt['run'] = (command, args, cwd) =>
    tool(command, [...options.flatMap((option) => ['-o', option]), ...args], cwd === undefined ? {} : { cwd }).toString('utf8');
  return {
    run,
    useOwnLists: () => {
      options.push(`Dir::State::lists=${join(work, 'apt', 'lists')}`);
      run('apt-get', ['-qq', 'update']);
    },
  };
}

/** Undefined where apt has no lists to resolve with. */
function resolvePackages(recipe: Recipe, apt: Apt): readonly string[] | undefined {
  let depends: string;
  try {
    depends = apt.run('apt-cache', ['depends', recipe.kernelPackage]);
  } catch {
    return undefined;
  }
  const kernel = /Depends: (linux-image-\d\S*)/.exec(depends)?.[1];
  if (kernel === undefined) return undefined;
  const plan = apt.run('apt-get', ['--simulate', 'install', ...recipe.packages]);
  const names = [...plan.matchAll(/^Inst (\S+)/gm)].map((match) => match[1]!);
  return [kernel, ...names.filter((name) => !recipe.leftOut.some((pattern) => pattern.test(name)))];
}

function unpack(archives: string, stage: string): string {
  // Packages that know /bin and packages that know /usr/bin meet in one place.
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(join(stage, 'usr', folder), { recursive: true });
    if (!existsSync(join(stage, folder))) symlinkSync(`usr/${folder}`, join(stage, folder));
  }
  const tree = join(stage, '..', 'unpacked.tar');
  for (const name of readdirSync(archives).sort()) {
    writeFileSync(tree, tool('dpkg-deb', ['--fsys-tarfile', join(archives, name)]));
    const without = ['doc', 'man', 'locale', 'info', 'lintian'].map((folder) => `--exclude=./usr/share/${folder}`);
    tool('tar', ['-x', '-f', tree, '-C', stage, '--keep-directory-symlink', '--no-same-owner', '--no-same-permissions', ...without]);
  }
  return stage;
}
