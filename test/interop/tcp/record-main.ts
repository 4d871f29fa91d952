/**
 * Measures Linux's CUBIC and ours through the links of test/scenario/tcp-beside-linux.ts, and records it beside that. Takes root, and a quarter of
 * an hour in which the machine should have nothing else to do.
 *
 *     node scripts/run-typescript.mjs test/interop/tcp/record-main.ts [--runs 6] [--only 'linux to linux'] [--out FILE]
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { seededRng } from '../../../src/base/rng.ts';
import { InetHost } from '../../../src/inet/host.ts';
import { TcpStack } from '../../../src/inet/tcp/stack.ts';
import { Collector } from '../../../src/inet/tcp/testing/tcp-pair.ts';
import { pacedClock } from '../../../src/os/paced-clock.ts';
import { Link } from '../../../src/runtime/link.ts';
import { address } from '../../../src/wire/ip/address.ts';
import {
  caseName,
  LINK_CASES,
  type LinkCase,
  linkFaults,
  linkSettings,
  type LinuxRecord,
  mean,
  type Measured,
  type Pairing,
  type Run,
  RECORD_PATH,
  SECONDS,
  WARM_UP_SECONDS,
} from '../../scenario/tcp-beside-linux.ts';
import { type KernelEnd, kernelEnd, type KernelPeer, kernelPeer } from './kernel-end.ts';

const PAIRINGS: readonly Pairing[] = ['linux to linux', 'ours to linux', 'linux to ours'];
const PORT = 7000;
const QUEUED_BYTES = 8_000_000;

async function measure(pairing: Pairing, linkCase: LinkCase, seed: number): Promise<Run> {
  const clock = pacedClock();
  const kernels: KernelEnd[] = [];
  const kernel = (last: number): KernelEnd => {
    const end = kernelEnd(last);
    kernels.push(end);
    return end;
  };
  const host = new InetHost('ours', { clock, rng: seededRng(seed), events: () => {} });
  const nic = host.addInterface({ name: 'nic0', mac: 0x0200_0000_0001, mtuBytes: 1500, vlan: undefined });
  const stack = new TcpStack(host);
  const ports = [0, 1].map((end) => {
    const isLinux = pairing.split(' to ')[end] === 'linux';
    if (isLinux) return kernel(end + 1).port;
    host.addAddress(nic, address(`192.0.2.${end + 1}`), 24);
    return nic;
  });
  const link = new Link(ports[0]!, ports[1]!, linkSettings(linkCase), { clock, rng: seededRng(seed) });
  link.setFaults(linkFaults(linkCase));
  link.setUp(true);
  const peers: KernelPeer[] = [];
  const start = (at: KernelEnd, ...args: readonly (string | number)[]): KernelPeer => {
    const peer = kernelPeer(at.namespace, ...args);
    peers.push(peer);
    return peer;
  };
  const source = (): KernelPeer => start(kernels[0]!, 'source', '192.0.2.2', PORT, WARM_UP_SECONDS, SECONDS);
  try {
    if (pairing === 'linux to ours') {
      const [megabitsPerSecond, roundTripMillis] = await Promise.all([receiveHere(stack), roundTrip(source())]);
      return { megabitsPerSecond, roundTripMillis };
    }
    const sink = start(kernels.at(-1)!, 'sink', PORT, WARM_UP_SECONDS, SECONDS);
    await sink.next();
    const sending = pairing === 'linux to linux' ? roundTrip(source()) : sendFromHere(stack);
    const [{ bytes, seconds }, roundTripMillis] = await Promise.all([sink.next() as Promise<{ bytes: number; seconds: number }>, sending]);
    return { megabitsPerSecond: (bytes * 8) / seconds / 1e6, roundTripMillis };
  } finally {
    for (const peer of peers) peer.kill();
    stack.shutDown();
    link.unplug();
    for (const end of kernels) end.close();
  }
}

const roundTrip = async (peer: KernelPeer): Promise<number> => ((await peer.next()) as { roundTripMillis: number }).roundTripMillis;

const wait = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** The mean round trip, in milliseconds. */
async function sendFromHere(stack: TcpStack): Promise<number> {
  const chunk = new Uint8Array(65_536);
  const receiver = new Collector(false);
  const stream = stack.connect(address('192.0.2.2'), PORT, { receiver, settings: { congestionControl: 'cubic' } })!;
  const write = (): void => {
    while (stream.state !== 'closed' && stream.queuedBytes < QUEUED_BYTES) stream.write([chunk], write);
  };
  write();
  await wait(WARM_UP_SECONDS);
  const samples: number[] = [];
  for (let sample = 0; sample < 10 * SECONDS - 2; sample += 1) {
    await wait(0.1);
    samples.push(stream.info().roundTripNanos / 1e6);
  }
  return mean(samples);
}

/** Mb/s of payload. */
async function receiveHere(stack: TcpStack): Promise<number> {
  const receiver = new Collector(false, 65_536);
  await new Promise<void>((resolve) => {
    stack.listen({
      port: PORT,
      onConnection: () => {
        resolve();
        return receiver;
      },
    });
  });
  await wait(WARM_UP_SECONDS);
  const [before, begun] = [receiver.bytes, performance.now()];
  await wait(SECONDS);
  return ((receiver.bytes - before) * 8) / (performance.now() - begun) / 1e3;
}

/** Links that are hardly used leave room for others beside them, and chance takes many runs to even out. */
const AT_ONCE = 3;

const option = (args: readonly string[], name: string): string | undefined => {
  const at = args.indexOf(`--${name}`);
  return at === -1 ? undefined : args[at + 1];
};

export async function main(args: readonly string[]): Promise<void> {
  const runs = Number(option(args, 'runs') ?? 6);
  const only = option(args, 'only');
  const out = option(args, 'out') ?? RECORD_PATH;
  const before: readonly Measured[] = existsSync(out) ? (JSON.parse(readFileSync(out, 'utf8')) as LinuxRecord).cases : [];
  const cases: Measured[] = [];
  for (const linkCase of LINK_CASES) {
    const known = before.find((one) => caseName(one) === caseName(linkCase));
    const all = { 'linux to linux': [], 'ours to linux': [], 'linux to ours': [], ...known?.runs } as Record<Pairing, readonly Run[]>;
    for (const pairing of PAIRINGS) {
      if (only !== undefined && only !== pairing) continue;
      const measured: Run[] = [];
      for (let run = 1; run <= runs; run += AT_ONCE) {
        const seeds = Array.from({ length: Math.min(AT_ONCE, runs - run + 1) }, (_, index) => run + index);
        measured.push(...(await Promise.all(seeds.map((seed) => measure(pairing, linkCase, seed)))));
      }
      all[pairing] = measured.map(({ megabitsPerSecond, roundTripMillis }) => ({
        megabitsPerSecond: Number(megabitsPerSecond.toFixed(2)),
        roundTripMillis: Number(roundTripMillis.toFixed(2)),
      }));
      const [rate, millis] = [mean(all[pairing].map((one) => one.megabitsPerSecond)), mean(all[pairing].map((one) => one.roundTripMillis))];
      const each = all[pairing].map((one) => `${one.megabitsPerSecond}/${one.roundTripMillis}`).join(' ');
      console.log(`${caseName(linkCase).padEnd(24)} ${pairing.padEnd(16)} ${rate.toFixed(1)} ${millis.toFixed(1)} ms   ${each}`);
    }
    cases.push({ ...linkCase, runs: all });
    const record: LinuxRecord = {
      command: 'node scripts/run-typescript.mjs test/interop/tcp/record-main.ts',
      kernel: execFileSync('uname', ['-sr'], { encoding: 'utf8' }).trim(),
      machine: `${cpus().length} x ${cpus()[0]!.model.trim()}`,
      date: new Date().toISOString().slice(0, 10),
      cases: [...cases, ...before.filter((one) => !cases.some((other) => caseName(other) === caseName(one)))],
    };
    writeFileSync(out, `${JSON.stringify(record, null, 1)}\n`);
  }
}
