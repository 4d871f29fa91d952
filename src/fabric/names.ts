/** The names in mappings by name. Looked at last, with everything else sound: a bad name hides nothing of what it names. */
import { type Explained, explainName } from './explain.ts';
import { parseIscsiName } from './iscsi-name.ts';
import { isMistake, type Parsed } from './parsed.ts';
import type { Path, Problem } from './problem.ts';
import { type FabricDeclaration, parseName } from './schema/fabric.ts';
import { parseLunNumber } from './schema/lun.ts';

export function nameProblems(declaration: FabricDeclaration, about: Explained): Problem[] {
  const problems: Problem[] = [];
  const look = (path: Path, parse: (name: string) => Parsed<unknown>): void => {
    const parsed = parse(String(path.at(-1)));
    if (isMistake(parsed)) problems.push(explainName(path, parsed, about));
  };
  for (const [name, array] of Object.entries(declaration.arrays)) {
    look(['arrays', name], parseName);
    for (const [targetName, target] of Object.entries(array.targets)) {
      const path = ['arrays', name, 'targets', targetName];
      look(path, parseIscsiName);
      if (Array.isArray(target.luns)) continue;
      for (const lun of Object.keys(target.luns)) look([...path, 'luns', lun], parseLunNumber);
    }
  }
  return problems;
}
