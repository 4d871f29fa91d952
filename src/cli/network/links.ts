/** `samewire network cut`, `mend`, `fault` and `delay`: links of a fabric that is up. */
import { InvalidArgumentError } from 'commander';
import { SECOND } from '../../base/clock.ts';
import { parseDuration } from '../../fabric/duration.ts';
import { isMistake } from '../../fabric/parsed.ts';
import { parseProbability } from '../../fabric/schema/link.ts';
import { DELAY_NANOS_MAX, linkText } from '../../os/network/running-network.ts';
import { askFabric } from '../ask-fabric.ts';
import { type CommandContext, UserError } from '../context.ts';
import { FAULT_KINDS, type LinkAnswer } from '../../server/api/network.ts';
import { faultsText, millisecondsText } from './words.ts';

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
  const answer = (await askFabric(file, 'POST', '/api/network/link', { at: port, up }, context)) as LinkAnswer;
  const { green, red } = context.outColors;
  return told(answer, `The link ${linkText(answer.link)} is ${answer.link.up ? green('up') : red('down')}.`, options, context);
}

export async function setFaults(file: string | undefined, port: string, options: FaultOptions, context: CommandContext): Promise<number> {
  const given = FAULT_KINDS.filter((kind) => options[kind] !== undefined);
  if ((options.none === true) === given.length > 0)
    throw new UserError('It takes what shall go wrong, such as --loss 1%, or --none where nothing shall.');
  const body = { at: port, ...Object.fromEntries(given.map((kind) => [kind, options[kind]])) };
  const answer = (await askFabric(file, 'POST', '/api/network/faults', body, context)) as LinkAnswer;
  const faults = faultsText(answer.link.ends[0].faults);
  return told(answer, `The link ${linkText(answer.link)} has ${faults === '' ? 'no faults' : `${faults}, each way`}.`, options, context);
}

export async function setDelay(
  file: string | undefined,
  port: string,
  delay: string,
  options: LinkOptions,
  context: CommandContext,
): Promise<number> {
  const delayNanos = delayArgument(delay);
  const answer = (await askFabric(file, 'POST', '/api/network/delay', { at: port, delayNanos }, context)) as LinkAnswer;
  const { link } = answer;
  return told(answer, `The link ${linkText(link)} takes ${millisecondsText(link.delayNanos)} ms, each way.`, options, context);
}

/** `5ms`, `500us`. */
function delayArgument(written: string): number {
  const parsed = parseDuration(written);
  if (isMistake(parsed)) throw new UserError(`${parsed.wrong} ${parsed.remedy}`);
  if (parsed.value > DELAY_NANOS_MAX) throw new UserError(`\`${written}\` is too long. The most is \`${DELAY_NANOS_MAX / SECOND}s\`.`);
  return parsed.value;
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
