/** The names in mappings by name. Looked at as written: a bad name hides nothing of what it names, and nothing hides a bad name. */
import { type Explained, explainName } from './explain.ts';
import { parseIscsiName } from './iscsi-name.ts';
import { isMistake, type Parsed } from './parsed.ts';
import type { Path, Problem } from './problem.ts';
import { parseName } from './schema/fabric.ts';
import { parseLunNumber } from './schema/lun.ts';

/** `about.root` is anything: only its mappings where names are expected are looked at. */
export function nameProblems(about: Explained): Problem[] {
  const problems: Problem[] = [];
  const look = (name: string, path: Path, parse: (name: string) => Parsed<unknown>): void => {
    const parsed = parse(name);
    if (isMistake(parsed)) problems.push(explainName(path, parsed, about));
  };
  for (const [name, array] of entriesOf(valueOf(about.root, 'arrays'))) {
    const path = ['arrays', name];
    look(name, path, parseName);
    for (const [targetName, target] of entriesOf(valueOf(array, 'targets'))) {
      const targetPath = [...path, 'targets', targetName];
      look(targetName, targetPath, parseIscsiName);
      for (const [lun] of entriesOf(valueOf(target, 'luns'))) look(lun, [...targetPath, 'luns', lun], parseLunNumber);
    }
  }
  for (const [name, host] of entriesOf(valueOf(about.root, 'hosts'))) {
    look(name, ['hosts', name], parseName);
    for (const [adapter] of entriesOf(valueOf(host, 'iscsi'))) look(adapter, ['hosts', name, 'iscsi', adapter], parseName);
  }
  return problems;
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const entriesOf = (value: unknown): [string, unknown][] => (isMapping(value) ? Object.entries(value) : []);

const valueOf = (value: unknown, key: string): unknown => (isMapping(value) ? value[key] : undefined);
