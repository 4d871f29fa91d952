/** The gate of import: what a dialect renders is recognised, becomes a fabric file without a mistake, and that says the same node again. */
import { checkText } from '../../check/check-fabric.ts';
import { loadFabric } from '../../fabric/load.ts';
import { declaredNode } from '../core/declared.ts';
import type { Dialect } from '../core/dialect.ts';
import { DIALECTS } from '../dialects.ts';
import { compare } from '../import/compare.ts';
import { fabricText } from '../import/fabric-text.ts';
import { gather } from '../import/gather.ts';
import { recognise } from '../recognise.ts';
import type { Generated } from './generated.ts';
import { nodeFor } from './node-for.ts';

/** Undefined: nothing is lost of so many nodes; else what is of the first, and how to make it again. */
export function lostInImport(dialect: Dialect, nodes: number): string | undefined {
  let whole = 0;
  for (let seed = 0; seed < nodes; seed += 1) {
    const made = nodeFor(dialect, seed);
    const text = dialect
      .emit(made.node)
      .commands.map((command) => command.text)
      .join('\n');
    // Of a line or two nobody can say what they are.
    if (text.split('\n').length < (dialect.name === 'chelsio' ? 2 : 3)) continue;
    const lost = lostOf(dialect, made, text, seed);
    if (lost !== undefined) return `${lost}\n${made.replay}\n${text}`;
    whole += 1;
  }
  // Parameters of drivers are seldom said.
  const fewest = dialect.name === 'chelsio' ? 0.1 : 0.5;
  return whole > fewest * nodes ? undefined : `only ${whole} of ${nodes} nodes have something to import`;
}

function lostOf(dialect: Dialect, made: Generated, text: string, seed: number): string | undefined {
  // Asking all dialects takes its time.
  const known = seed % 5 === 0 ? recognise(text, DIALECTS) : undefined;
  if (known !== undefined && (typeof known === 'string' || known.dialect !== dialect))
    return `recognised as: ${typeof known === 'string' ? known : known.dialect.name}`;
  const gathered = gather([{ file: 'node.txt', text, node: made.node.name, port: undefined }], [dialect]);
  if (gathered.mistakes.length > 0) return `mistakes: ${JSON.stringify(gathered.mistakes)}`;
  const source = gathered.nodes[0]!.sources[0]!;
  if (source.reading.unknown.length > 0) return `not understood: ${JSON.stringify(source.reading.unknown)}`;
  const yaml = fabricText(gathered, 'imported');
  const { fabric, problems } = loadFabric(yaml, 'imported.yaml');
  if (problems.length > 0 || fabric === undefined) return `no fabric: ${problems.map(({ message }) => message).join('; ')}\n${yaml}`;
  // Rules find in it what they find in the declaration, and nothing else; of a host one output tells a part only.
  if (seed % 10 === 0 && !dialect.kinds.includes('host')) {
    const before = rulesOf(made.yaml());
    const more = rulesOf(yaml).filter((rule) => !before.includes(rule));
    if (more.length > 0) return `found only after import: ${more.join(', ')}\n${yaml}`;
  }
  const left = compare(declaredNode(fabric, made.node.name)!, source).map(({ kind, key }) => `${kind} ${key}`);
  return left.length > 0 ? `left over: ${left.join(', ')}\n${yaml}` : undefined;
}

const rulesOf = (text: string): string[] => [...new Set(checkText(text, 'fabric.yaml').problems.map(({ rule }) => rule))];
