/** `samewire network ping` and `trace`: from the IP stack of a machine of the fabric, told as ping(8) and traceroute(8) tell it. */
import { LatencyHistogram } from '../../base/latency-histogram.ts';
import { askFabric } from '../ask-fabric.ts';
import { type CommandContext, UserError } from '../context.ts';
import { count } from '../plain-text.ts';
import { stopper } from '../stopper.ts';
import type { PingAnswer, PingReport } from '../../server/api/network.ts';
import { millisecondsText } from './words.ts';

export interface PingOptions {
  readonly count: number;
  readonly size: number;
  /** Seconds. */
  readonly wait: number;
  readonly json?: boolean;
}

export interface TraceOptions {
  readonly hops: number;
  readonly wait: number;
  readonly json?: boolean;
}

const INTERVAL_MILLISECONDS = 1000;
const PROBES = 3;
/** ICMP and ICMPv6 alike: type, code, checksum, identifier, sequence. */
const ECHO_HEADER_BYTES = 8;

/** A code of 1: nothing came back. `file` undefined: the only fabric that is up. */
export async function ping(
  file: string | undefined,
  host: string,
  to: string,
  options: PingOptions,
  context: CommandContext,
): Promise<number> {
  const stop = stopper(context);
  const times = new LatencyHistogram();
  const started = context.now();
  let [sent, received] = [0, 0];
  let address = to;
  const put = (line: string, fields: Record<string, unknown>): void =>
    context.out(options.json === true ? `${JSON.stringify(fields)}\n` : `${line}\n`);
  try {
    for (let sequence = 1; sequence <= options.count && !stop.asked(); sequence += 1) {
      const due = context.now() + INTERVAL_MILLISECONDS;
      const body = { host, to, bytes: options.size, waitSeconds: options.wait };
      const answer = (await askFabric(file, 'POST', '/api/network/ping', body, context)) as PingAnswer;
      const { result } = answer;
      address = answer.address;
      if (result.kind === 'no-route') throw new UserError(`${host} has no route to ${address}.`);
      if (sent === 0 && options.json !== true)
        context.out(`PING ${to === address ? to : `${to} (${address})`} from ${host}: ${count(options.size, 'data byte')}\n`);
      sent += 1;
      if (result.kind === 'reply') {
        received += 1;
        times.record(result.nanos);
      }
      const { kind, ...more } = result;
      put(resultText(result, sequence, options, context), { event: 'ping', host, address, sequence, result: kind, ...more });
      if (sequence < options.count) await stop.wait(due - context.now());
    }
  } finally {
    stop.close();
  }
  const lossPercent = sent === 0 ? 0 : Math.round((100 * (sent - received)) / sent);
  const figures = { min: times.min, avg: times.mean, max: times.max };
  if (options.json === true) {
    const roundTripNanos = received === 0 ? {} : { roundTripNanos: figures };
    context.out(`${JSON.stringify({ event: 'statistics', host, address, sent, received, lossPercent, ...roundTripNanos })}\n`);
  } else {
    const { bold, red } = context.outColors;
    const loss = `${lossPercent}% packet loss`;
    context.out(`\n${bold(`--- ${address} ping statistics ---`)}\n`);
    context.out(
      `${count(sent, 'packet')} transmitted, ${received} received, ${lossPercent === 0 ? loss : red(loss)}, time ${Math.round(context.now() - started)} ms\n`,
    );
    if (received > 0) context.out(`rtt min/avg/max = ${Object.values(figures).map(millisecondsText).join('/')} ms\n`);
  }
  return received > 0 ? 0 : 1;
}

function resultText(result: PingReport, sequence: number, { size, wait }: PingOptions, context: CommandContext): string {
  const { red, yellow } = context.outColors;
  const place = `icmp_seq=${sequence}`;
  if (result.kind === 'reply') {
    const differs = result.intact ? '' : red(' the data is not what was sent');
    return `${size + ECHO_HEADER_BYTES} bytes from ${result.from}: ${place} ttl=${result.hopLimit} time=${millisecondsText(result.nanos)} ms${differs}`;
  }
  if (result.kind === 'error') return yellow(`From ${result.from} ${place} ${errorText(result)}`);
  return red(`${place} no answer within ${wait} s`);
}

/** In the words of ping(8). */
function errorText({ error }: Extract<PingReport, { kind: 'error' }>): string {
  if (error.kind === 'time-exceeded') return 'Time to live exceeded';
  if (error.kind === 'too-big') return `Packet too big (MTU ${error.mtuBytes})`;
  return UNREACHABLE[error.code];
}

const UNREACHABLE = {
  network: 'Destination Net Unreachable',
  host: 'Destination Host Unreachable',
  protocol: 'Destination Protocol Unreachable',
  port: 'Destination Port Unreachable',
  prohibited: 'Packet filtered',
} as const;

/** A code of 1: it was not reached. */
export async function trace(
  file: string | undefined,
  host: string,
  to: string,
  options: TraceOptions,
  context: CommandContext,
): Promise<number> {
  const stop = stopper(context);
  let isThere = false;
  try {
    for (let hop = 1; hop <= options.hops && !isThere && !stop.asked(); hop += 1) {
      const results: PingReport[] = [];
      let address = to;
      for (let probe = 0; probe < PROBES && !stop.asked(); probe += 1) {
        const body = { host, to, waitSeconds: options.wait, hopLimit: hop };
        const answer = (await askFabric(file, 'POST', '/api/network/ping', body, context)) as PingAnswer;
        address = answer.address;
        if (answer.result.kind === 'no-route') throw new UserError(`${host} has no route to ${address}.`);
        results.push(answer.result);
      }
      if (hop === 1 && options.json !== true)
        context.out(`traceroute to ${to === address ? to : `${to} (${address})`} from ${host}, ${options.hops} hops max\n`);
      context.out(
        options.json === true ? `${JSON.stringify({ event: 'hop', host, address, hop, results })}\n` : `${hopText(hop, results)}\n`,
      );
      isThere = results.some(({ kind }) => kind === 'reply');
      // Somebody said that it goes no further.
      if (results.some((result) => result.kind === 'error' && result.error.kind !== 'time-exceeded')) break;
    }
  } finally {
    stop.close();
  }
  return isThere ? 0 : 1;
}

/** ` 1  192.0.2.20  0.301 ms  0.298 ms  0.305 ms`; `*` for each that was not answered. */
function hopText(hop: number, results: readonly PingReport[]): string {
  let from = '';
  const parts = results.map((result) => {
    if (result.kind !== 'reply' && result.kind !== 'error') return '*';
    const who = result.from === from ? '' : `${result.from}  `;
    from = result.from;
    const why = result.kind === 'error' && result.error.kind !== 'time-exceeded' ? ` ${errorText(result)}` : '';
    return `${who}${millisecondsText(result.nanos)} ms${why}`;
  });
  return `${String(hop).padStart(2)}  ${parts.join('  ')}`;
}
