/** `samewire iscsi ping`: how long a target takes to send back what it was sent (NOP-Out and NOP-In, RFC 7143 §11.18-19). */
import { randomFillSync } from 'node:crypto';
import { LatencyHistogram } from '../../base/latency-histogram.ts';
import type { IscsiSession } from '../../os/iscsi/index.ts';
import { type CommandContext, UserError } from '../context.ts';
import { count, plainLine } from '../plain-text.ts';
import { stopper } from '../stopper.ts';
import { explained, sentenceOf } from './failure.ts';
import { type ConnectionOptions, iscsiOptionsOf } from './options.ts';
import { placeOf, sessionAt, targetsAt } from './places.ts';

export interface PingOptions extends ConnectionOptions {
  readonly count: number;
  readonly untilStopped?: boolean;
  readonly interval: number;
  readonly size: number;
}

/** How long an answer is waited for where `--timeout` does not say. */
const WAIT_SECONDS = 5;

interface Tally {
  sent: number;
  answered: number;
  damaged: number;
}

/** A code of 1: not every ping came back as it was sent. */
export function ping(where: string, options: PingOptions, context: CommandContext): Promise<number> {
  return explained(async () => {
    const place = placeOf(where);
    const iscsi = iscsiOptionsOf(options, context);
    const targets = await targetsAt(place, where, iscsi);
    const [target] = targets;
    if (target === undefined) throw new UserError(`There is no target at ${where}.`);
    // A discovery session takes no pings (RFC 7143 §4.3): there has to be a target.
    if (targets.length > 1)
      throw new UserError(
        `There are ${targets.length} targets at ${where}: name one of them in the URL, such as iscsi://${where}/${target.name}.`,
      );
    const session = await sessionAt(target, place, iscsi);
    try {
      return await series(session, options, context);
    } finally {
      // A target that does not answer pings won't answer a logout either.
      if (session.status.state === 'logged-in') await session.close();
      else session.destroy();
    }
  });
}

async function series(session: IscsiSession, options: PingOptions, context: CommandContext): Promise<number> {
  const { json = false, interval, untilStopped = false } = options;
  const most = untilStopped ? Number.POSITIVE_INFINITY : options.count;
  const stop = stopper(context);
  const times = new LatencyHistogram();
  const tally: Tally = { sent: 0, answered: 0, damaged: 0 };
  const started = performance.now();
  if (!json) context.out(`PING ${session.target} at ${session.status.portal ?? 'no portal'} with ${count(options.size, 'byte')} of data\n`);
  try {
    for (let sequence = 1; sequence <= most && !stop.asked(); sequence += 1) {
      const due = started + sequence * interval * 1000;
      await once(session, sequence, options, context, times, tally);
      if (sequence < most) await stop.wait(due - performance.now());
    }
  } finally {
    stop.close();
  }
  report(session, times, tally, (performance.now() - started) / 1000, json, context);
  return tally.sent > 0 && tally.answered === tally.sent && tally.damaged === 0 ? 0 : 1;
}

async function once(
  session: IscsiSession,
  sequence: number,
  { size, timeout = WAIT_SECONDS, json = false }: PingOptions,
  context: CommandContext,
  times: LatencyHistogram,
  tally: Tally,
): Promise<void> {
  const data = randomFillSync(new Uint8Array(size));
  tally.sent += 1;
  const started = performance.now();
  const answer = await within(session.ping(data), timeout * 1000);
  const taken = performance.now() - started;
  const tell = (words: string, fields: Record<string, unknown>): void =>
    context.out(json ? `${JSON.stringify({ event: 'ping', sequence, ...fields })}\n` : `${words}\n`);
  const { red, yellow } = context.outColors;
  if (!(answer instanceof Uint8Array)) {
    const problem = answer === undefined ? `no answer within ${timeout} s` : sentenceOf(answer);
    return tell(red(`seq=${sequence} ${plainLine(problem)}`), { error: problem });
  }
  tally.answered += 1;
  times.record(taken * 1e6);
  // Both ends may cut what does not fit into one segment (RFC 7143 §11.19).
  const same = Buffer.compare(answer, data.subarray(0, answer.length)) === 0;
  if (!same) tally.damaged += 1;
  const cut = answer.length < size ? yellow(` (of ${size})`) : '';
  tell(
    `${count(answer.length, 'byte')}${cut}: seq=${sequence} time=${taken.toFixed(3)} ms${same ? '' : red(' the data is not what was sent')}`,
    {
      bytes: answer.length,
      milliseconds: milliseconds(taken * 1e6),
      same,
    },
  );
}

/** What came; an Error: what went wrong; undefined: nothing in time. */
function within(answer: Promise<Uint8Array>, milliseconds: number): Promise<Uint8Array | Error | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), milliseconds);
    answer
      .catch((error: Error) => error)
      .then((result) => {
        clearTimeout(timer);
        resolve(result);
      });
  });
}

function report(
  session: IscsiSession,
  times: LatencyHistogram,
  tally: Tally,
  seconds: number,
  json: boolean,
  context: CommandContext,
): void {
  const { sent, answered, damaged } = tally;
  const lost = sent - answered;
  const figures = {
    min: milliseconds(times.min),
    avg: milliseconds(times.mean),
    max: milliseconds(times.max),
    p50: milliseconds(times.percentile(50)),
    p90: milliseconds(times.percentile(90)),
    p99: milliseconds(times.percentile(99)),
  };
  if (json) {
    const result = { event: 'statistics', target: session.target, sent, answered, damaged, lossPercent: percent(lost, sent) };
    context.out(
      `${JSON.stringify({ ...result, seconds: Number(seconds.toFixed(3)), ...(answered === 0 ? {} : { milliseconds: figures }) })}\n`,
    );
    return;
  }
  const { bold, red } = context.outColors;
  const loss = `${percent(lost, sent)}% lost`;
  context.out(`\n${bold(`--- ${session.target} ---`)}\n`);
  context.out(
    `${sent} sent, ${answered} answered, ${lost === 0 ? loss : red(loss)}${damaged === 0 ? '' : red(`, ${damaged} damaged`)}, ${seconds.toFixed(1)} s\n`,
  );
  if (answered === 0) return;
  const text = Object.values(figures).map((value) => value.toFixed(3));
  context.out(`round trip ${Object.keys(figures).join('/')} = ${text.join('/')} ms\n`);
}

const milliseconds = (nanos: number): number => Number((nanos / 1e6).toFixed(6));

const percent = (part: number, whole: number): number => (whole === 0 ? 0 : Number(((100 * part) / whole).toFixed(1)));
