/** `samewire support`: a report for whoever looks into a bug, as one file, without secrets. */
import { arch, cpus, freemem, platform, release, totalmem } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { checkText } from '../check/check-fabric.ts';
import { peekSecret } from '../os/secrets.ts';
import type { ControlStream } from '../os/control-stream.ts';
import { type Asking, type CaptureAsked, collect, type Collected, type FabricTold, type LeftOut } from '../server/support/collect.ts';
import { type Report, supportReport } from '../server/support/report.ts';
import { type CommandContext, UsageError, UserError } from './context.ts';
import { count, plainLine } from './plain-text.ts';

export interface SupportOptions {
  /** Ports to listen in on. */
  readonly capture?: readonly string[];
  readonly seconds?: number;
  readonly payload?: boolean;
  readonly force?: boolean;
}

const DEFAULT_FILE = 'fabric.yaml';
const SECONDS = 5;
const CAPTURES_MAX = 16;
const FRAMES_MAX = 20_000;
const CAPTURE_BYTES_MAX = 8 * 1024 * 1024;
/** So long what is under way may take once a capture was asked to end. */
const END_MILLISECONDS = 2000;

export const SUPPORT_WHAT =
  'the fabric file (may be left out where one fabric is up, or where it is fabric.yaml), then where the report goes: a name that ends in .tgz';

/** `words`: the fabric file, which may be missing, and where the report goes. */
export async function support(words: readonly string[], options: SupportOptions, context: CommandContext): Promise<number> {
  const to = words.at(-1);
  if (to === undefined || words.length > 2 || !/\.(?:tgz|tar\.gz)$/.test(to)) throw new UsageError(`It takes ${SUPPORT_WHAT}.`);
  const captures = [...new Set(options.capture)];
  if (captures.length > CAPTURES_MAX) throw new UsageError(`A report has ${CAPTURES_MAX} captures at most.`);
  const progress = (what: string): void => context.err(`${context.errColors.dim(plainLine(what))}\n`);
  const { yellow } = context.errColors;
  if (options.payload === true && captures.length > 0)
    context.err(`${yellow('warning:')} with --payload, captures hold what hosts read and write: the data itself.\n`);

  const { name, text, running, leftOut } = await find(words.length === 2 ? words[0] : undefined, context);
  progress(running === undefined ? 'the fabric is not up: only the file is looked at' : `${running.told.name} is up`);
  if (running === undefined && captures.length > 0)
    throw new UserError('Nothing can be captured: the fabric is not up, or not as this user.');
  const wanted = {
    captures,
    capture: { seconds: options.seconds ?? SECONDS, frames: FRAMES_MAX, bytes: CAPTURE_BYTES_MAX, headersOnly: options.payload !== true },
  };
  const collected = running === undefined ? undefined : await collect(running.asking, wanted, progress);
  progress('hiding what is secret');
  const report = await supportReport({
    version: context.version,
    made: new Date(),
    machine: {
      node: process.version,
      platform: platform(),
      release: release(),
      architecture: arch(),
      processors: cpus().length,
      memoryBytes: totalmem(),
      freeMemoryBytes: freemem(),
    },
    file: name,
    text,
    problems: text === undefined ? [] : checkText(text, name ?? '').problems,
    collected,
    leftOut,
    keepsPayload: options.payload === true,
    environment: context.environment,
    peek: (source) => peekSecret(context.environment, source),
    home: homeOf(context),
  });
  await context.writeBytes(to, report.archive, options.force === true);
  tell(to, report, collected, context);
  return 0;
}

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

interface Found {
  readonly name: string | undefined;
  readonly text: string | undefined;
  readonly running: { readonly told: FabricTold; readonly asking: Asking } | undefined;
  readonly leftOut: readonly LeftOut[];
}

async function find(file: string | undefined, context: CommandContext): Promise<Found> {
  const leftOut: LeftOut[] = [];
  const told = async (of: string | undefined): Promise<FabricTold | undefined> => {
    try {
      return (await context.askControl(of, 'GET', '/api/fabric')) as FabricTold | undefined;
    } catch (error) {
      leftOut.push({ what: 'the running fabric', why: sentence(error) });
      return undefined;
    }
  };
  const only = file === undefined ? await told(undefined) : undefined;
  const name = file ?? (only === undefined ? DEFAULT_FILE : only.file);
  const fabric = only ?? (await told(name));
  let text: string | undefined;
  try {
    text = name === undefined ? undefined : await context.readText(name);
  } catch (error) {
    if (fabric === undefined) throw new UsageError(sentence(error), { cause: error });
    leftOut.push({ what: 'the fabric file', why: sentence(error) });
  }
  // The only one that is up is asked by no name: its file may be written as seen from elsewhere.
  const running = fabric === undefined ? undefined : { told: fabric, asking: askingOf(only === undefined ? name : undefined, context) };
  return { name, text, running, leftOut };
}

function askingOf(file: string | undefined, context: CommandContext): Asking {
  const get = async (url: string): Promise<unknown> => {
    const answer = await context.askControl(file, 'GET', url);
    if (answer === undefined) throw new Error('The fabric is not up any more.');
    return answer;
  };
  return {
    get,
    async text(url) {
      const answer = await get(url);
      if (typeof answer !== 'string') throw new Error(`${url} is no text.`);
      return answer;
    },
    async capture(at, asked) {
      const body = { at, count: asked.frames, ...(asked.headersOnly ? { headersOnly: true } : {}) };
      const stream = await context.openControlStream(file, '/api/network/capture', body);
      if (stream === undefined) throw new Error('The fabric is not up any more.');
      return captured(stream, asked);
    },
    wait: async (milliseconds) => void (await wait(milliseconds)),
  };
}

async function captured(stream: ControlStream, { seconds, bytes: most }: CaptureAsked): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  const over = setTimeout(() => {
    void stream.stop();
    setTimeout(() => stream.destroy(), END_MILLISECONDS).unref();
  }, seconds * 1000);
  try {
    for await (const piece of stream) {
      if (bytes + piece.length > most) break;
      pieces.push(piece);
      bytes += piece.length;
    }
  } finally {
    clearTimeout(over);
    stream.destroy();
  }
  return Buffer.concat(pieces);
}

/** `/home/somebody`; of what is shorter nothing is anybody's name. */
function homeOf(context: CommandContext): string | undefined {
  const home = context.environment['HOME'] ?? context.environment['USERPROFILE'];
  return home !== undefined && /^.+[/\\][^/\\]+$/.test(home) ? home : undefined;
}

function tell(to: string, report: Report, collected: Collected | undefined, context: CommandContext): void {
  const { yellow } = context.errColors;
  context.out(`${plainLine(to)}: ${report.archive.length} bytes\n`);
  for (const { name, bytes, cutBytes } of report.entries)
    context.out(`${String(bytes).padStart(10)}  ${plainLine(name)}${cutBytes === 0 ? '' : ` (${cutBytes} more bytes did not fit)`}\n`);
  for (const { what, why } of collected?.leftOut ?? []) context.err(`${yellow('note:')} not in it: ${plainLine(`${what}: ${why}`)}\n`);
  const hidden = report.entries.reduce((sum, { found }) => sum + found, 0);
  if (hidden > 0) context.err(`${yellow('note:')} ${count(hidden, 'secret')} hidden that stood where none belongs\n`);
  for (const { where, source } of report.unresolved)
    context.err(
      `${yellow('note:')} the secret of ${plainLine(where)}${source === undefined ? '' : ` (${plainLine(source)})`} can't be read here, so the report was not searched for it\n`,
    );
  context.out('Secrets, comments of the file, and payloads of captures are left out. Look through it before you send it.\n');
}
