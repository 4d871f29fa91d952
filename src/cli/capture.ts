/** `samewire capture`: what passes a port of a fabric that is up, as pcapng, for as long as somebody reads it. */
import type { ByteOutput } from '../os/byte-output.ts';
import type { ControlStream } from '../os/control-stream.ts';
import { present, saying } from './ask-fabric.ts';
import { type CommandContext, UserError } from './context.ts';
import { count } from './plain-text.ts';

export interface CaptureOptions {
  /** A file or FIFO; `-` or undefined: standard output. */
  readonly write?: string;
  /** Frames after which it ends. */
  readonly count?: number;
  /** Nothing of what people sent is kept. */
  readonly headersOnly?: boolean;
}

/** So long what is under way has to come and be written, once somebody wants the end. */
const END_MILLISECONDS = 2000;
const EXIT_INTERRUPTED = 130;

/** `file` undefined: the only fabric that is up. */
export async function capture(file: string | undefined, port: string, options: CaptureOptions, context: CommandContext): Promise<number> {
  const to = options.write === '-' ? undefined : options.write;
  if (to === undefined && context.outIsTerminal)
    throw new UserError(
      `A capture is bytes, not text: write it to a file with -w, or pass it on, as in: samewire capture ${[...(file === undefined ? [] : [file]), port].join(' ')} | wireshark -k -i -`,
    );
  const end = new AbortController();
  const stopListening = context.onSignal(() => (end.signal.aborted ? context.exitNow(EXIT_INTERRUPTED) : end.abort()));
  try {
    const body = { at: port, count: options.count, headersOnly: options.headersOnly };
    const stream = present(file, await saying(context.openControlStream(file, '/api/network/capture', body)));
    end.signal.addEventListener('abort', () => void stream.stop());
    context.err(`capturing at ${port}; Ctrl-C ends\n`);
    const output = await openOutput(to, end.signal, context);
    await copy(stream, output, end);
    return tell(stream, port, end.signal.aborted, context);
  } finally {
    stopListening();
  }
}

/** Undefined: somebody wanted the end before anybody read. */
async function openOutput(file: string | undefined, cancelled: AbortSignal, context: CommandContext): Promise<ByteOutput | undefined> {
  try {
    return await context.openOutput(file, cancelled);
  } catch (error) {
    if (cancelled.aborted) return undefined;
    throw new UserError((error as Error).message, { cause: error });
  }
}

/** Until the stream ends, which it does when somebody has had enough: whoever pressed Ctrl-C, or a reader that is gone. */
async function copy(stream: ControlStream, output: ByteOutput | undefined, end: AbortController): Promise<void> {
  let reader = output;
  const limit = timeLimit(end.signal);
  const pieces = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const piece = await Promise.race([pieces.next(), limit.passed]);
      if (piece === undefined || piece.done === true) break;
      const taken = await Promise.race([reader?.write(piece.value), limit.passed]);
      if (taken !== false) continue;
      reader = undefined;
      end.abort();
    }
    await Promise.race([reader?.close(), limit.passed]);
  } catch (error) {
    throw new UserError((error as Error).message, { cause: error });
  } finally {
    limit.clear();
    // After the limit, neither may keep us.
    stream.destroy();
    output?.destroy();
  }
}

/** Passes a while after the end was asked for. */
function timeLimit(asked: AbortSignal): { readonly passed: Promise<undefined>; clear(): void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<undefined>((resolve) => {
    const start = (): void => {
      timer = setTimeout(() => resolve(undefined), END_MILLISECONDS);
    };
    if (asked.aborted) start();
    else asked.addEventListener('abort', start);
  });
  return { passed, clear: () => clearTimeout(timer) };
}

/** The exit code. */
function tell(stream: ControlStream, port: string, wasEnded: boolean, context: CommandContext): number {
  const { yellow } = context.errColors;
  const summary = stream.summary();
  if (summary === undefined) {
    const why = wasEnded ? 'whoever reads is too slow: the last frames were not written' : 'the fabric went away';
    context.err(`${yellow('note:')} ${why}\n`);
    return 1;
  }
  const [frames, omitted] = [Number(summary['frames']), Number(summary['omitted'])];
  context.err(`${count(frames, 'frame')} captured at ${port}\n`);
  if (omitted > 0) context.err(`${yellow('note:')} ${count(omitted, 'frame')} left out: they came faster than they were read\n`);
  return 0;
}
