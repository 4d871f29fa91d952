/** Guests at ports of our switches: how they are plugged in, and shell text by which they say what their wire does. */
import { runPeer } from '../run-peer.ts';
import { CLI, type TargetProcess } from '../target-process.ts';
import type { Guest } from './guest.ts';

/** QEMU's arguments for a port, as `samewire up` gives them. */
export function wireAt(fabric: TargetProcess, port: string): string {
  const attached = fabric.ready.network?.attached.find((one) => one.port === port);
  if (attached === undefined) throw new Error(`nothing can be plugged in at ${port}`);
  return attached.hints[0]!;
}

/** The MAC address that those arguments give the machine. */
export const macOf = (wire: string): string => /mac=([0-9a-f:]{17})/.exec(wire)![1]!;

export interface Ping {
  readonly sent: number;
  readonly received: number;
}

/** Three of busybox's pings; IPv6 by the address. */
export async function ping(guest: Guest, address: string, { dataBytes = 56, waitSeconds = 5 } = {}): Promise<Ping> {
  const { output } = await guest.sh(`ping -c 3 -i 0.2 -W ${waitSeconds} -s ${dataBytes} ${address}`);
  const [, sent, received] = /(\d+) packets transmitted, (\d+) packets received/.exec(output) ?? [];
  if (sent === undefined) throw new Error(`ping in ${guest.name}: ${output}`);
  return { sent: Number(sent), received: Number(received) };
}

/** A ping from a host of the fabric (`samewire network ping`). */
export async function pingFrom(file: string, host: string, to: string, dataBytes = 56): Promise<Ping> {
  const words = ['network', 'ping', file, host, to, '--count', '1', '--size', String(dataBytes), '--wait', '5', '--json'];
  const { stdout, stderr } = await runPeer(process.execPath, [CLI, ...words]);
  const end = stdout.trim().split('\n').at(-1)!;
  if (stderr !== '' || end === '') throw new Error(`ping from ${host}: ${stderr}`);
  const { sent, received } = JSON.parse(end) as Ping;
  return { sent, received };
}

/** What a device sees while `action` runs, a line a frame, with addresses and tags (tcpdump -e). */
export async function seenAt(guest: Guest, device: string, action: () => Promise<unknown>): Promise<readonly string[]> {
  const file = `/tmp/seen-${device}`;
  await guest.run(`
    tcpdump -Z root -n -U -i ${device} -w ${file} 2>${file}.log &
    echo $! > ${file}.pid
    until grep -q 'listening on' ${file}.log; do sleep 0.1; done`);
  await action();
  const text = await guest.run(`
    sleep 1
    kill -INT $(cat ${file}.pid)
    while kill -0 $(cat ${file}.pid) 2>/dev/null; do sleep 0.1; done
    tcpdump -Z root -n -e -r ${file} 2>/dev/null`);
  return text.trim().split('\n').filter(Boolean);
}

export interface Transfer {
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly bitsPerSecond: number;
  readonly retransmits: number;
}

export interface Datagrams {
  readonly packets: number;
  readonly lost: number;
  readonly bitsPerSecond: number;
}

interface IperfReport {
  readonly error?: string;
  readonly end: {
    readonly sum_sent: { readonly bytes: number; readonly retransmits?: number };
    readonly sum_received: { readonly bytes: number; readonly bits_per_second: number };
    readonly sum: { readonly packets: number; readonly lost_packets: number; readonly bits_per_second: number };
  };
}

async function iperf(guest: Guest, address: string, options: string): Promise<IperfReport> {
  const { output } = await guest.sh(`iperf3 --client ${address} --json ${options} 2>/dev/null`, { timeoutMs: 120_000 });
  const report = JSON.parse(output) as IperfReport;
  if (report.error !== undefined) throw new Error(`iperf3 in ${guest.name}: ${report.error}`);
  return report;
}

export const startIperf = (guest: Guest): Promise<string> =>
  guest.run(`
    iperf3 --server --daemon --pidfile /tmp/iperf.pid --logfile /tmp/iperf.log
    until ss -ltn | grep -q :5201; do sleep 0.1; done`);

/** A stream of so many bytes from the guest, or to it with `reverse`. */
export async function iperfStream(guest: Guest, address: string, bytes: number, options = ''): Promise<Transfer> {
  const { end } = await iperf(guest, address, `--bytes ${bytes} ${options}`);
  return {
    sentBytes: end.sum_sent.bytes,
    receivedBytes: end.sum_received.bytes,
    bitsPerSecond: end.sum_received.bits_per_second,
    retransmits: end.sum_sent.retransmits ?? 0,
  };
}

export async function iperfDatagrams(guest: Guest, address: string, options: string): Promise<Datagrams> {
  const { sum } = (await iperf(guest, address, `--udp ${options}`)).end;
  return { packets: sum.packets, lost: sum.lost_packets, bitsPerSecond: sum.bits_per_second };
}
