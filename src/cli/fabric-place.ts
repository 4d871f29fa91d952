/** Which fabric a command means, and which of its nodes, where the file may be left out. */
import type { Topology } from '../server/view/topology.ts';
import { present, saying } from './ask-fabric.ts';
import { type CommandContext, UserError } from './context.ts';

export interface FabricPlace {
  /** Undefined: the only fabric that is up. */
  readonly file: string | undefined;
  /** Undefined: all of it. */
  readonly node: string | undefined;
}

const NAMES_MAX = 20;

/** One word alone may be a file or a node. Rejects with a UserError. */
export async function fabricPlace(
  first: string | undefined,
  second: string | undefined,
  context: Pick<CommandContext, 'askControl'>,
): Promise<FabricPlace> {
  if (first === undefined || second !== undefined || looksLikeFile(first)) return { file: first, node: second };
  if ((await saying(context.askControl(first, 'GET', '/api/fabric'))) !== undefined) return { file: first, node: undefined };
  const topology = present(undefined, await saying(context.askControl(undefined, 'GET', '/api/topology'))) as Topology;
  if (topology.nodes.some(({ id }) => id === first)) return { file: undefined, node: first };
  throw new UserError(`${first} is no fabric file that is up, and no node of ${topology.fabric}, which has ${namesOf(topology)}.`);
}

const looksLikeFile = (word: string): boolean => /[/\\]|\.ya?ml$/i.test(word);

export function namesOf({ nodes }: Topology): string {
  const names = nodes.filter(({ kind }) => kind !== 'world' && kind !== 'published').map(({ id }) => id);
  return names.length <= NAMES_MAX ? names.join(', ') : `${names.slice(0, NAMES_MAX).join(', ')} and ${names.length - NAMES_MAX} more`;
}
