/** `samewire network cut`, `mend` and `fault`: links of a fabric that is up. */
import { InvalidArgumentError } from 'commander';
import { isMistake } from '../../fabric/parsed.ts';
import { parseProbability } from '../../fabric/schema/link.ts';
import { askFabric } from '../ask-fabric.ts';
import { type CommandContext, UserError } from '../context.ts';
import { FAULT_KINDS, type LinkAnswer } from './controls.ts';
import { faultsText, linkText } from './words.ts';

export interface LinkOptions {
  readonly json?: boolean;
}

export interface FaultOptions extends LinkOptions, Partial<Readonly<Record<(typeof FAULT_KINDS)[number], number>>> {
  /** The link is as good as new. */
  readonly none?: boolean;
}

/** `file` undefined: the only fabric that is up. */
export async function setLink(
  file: string | undefined,
  port: string,
  up: boolean,
  options: LinkOptions,
  context: CommandContext,
): Promise<number> {
  const answer = (await askFabric(file, 'POST', '/network/link', { at: port, up }, context)) as LinkAnswer;
  const { green, red } = context.outColors;
  return told(answer, `The link ${linkText(answer.link)} is ${answer.link.up ? green('up') : red('down')}.`, options, context);
}

export async function setFaults(file: string | undefined, port: string, options: FaultOptions, context: CommandContext): Promise<number> {
  const given = FAULT_KINDS.filter((kind) => options[kind] !== undefined);
  if ((options.none === true) === given.length > 0)
    throw new UserError('It takes what shall go wrong, such as --loss 1%, or --none where nothing shall.');
  const body = { at: port, ...Object.fromEntries(given.map((kind) => [kind, options[kind]])) };
  const answer = (await askFabric(file, 'POST', '/network/faults', body, context)) as LinkAnswer;
  const faults = faultsText(answer.link.ends[0].faults);
  return told(answer, `The link ${linkText(answer.link)} has ${faults === '' ? 'no faults' : `${faults}, each way`}.`, options, context);
}

function told(answer: LinkAnswer, sentence: string, options: LinkOptions, context: CommandContext): number {
  context.out(options.json === true ? `${JSON.stringify(answer)}\n` : `${sentence}\n`);
  return 0;
}

/** `1%`, `0.01`. */
export function probability(text: string): number {
  const parsed = parseProbability(text);
  if (isMistake(parsed)) throw new InvalidArgumentError(`${parsed.wrong} ${parsed.remedy}`);
  return parsed.value;
}
