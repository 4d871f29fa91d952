/** What tshark says of a capture: how many frames it looked at, and what it finds wrong with those of ours. */
import { runPeer } from '../run-peer.ts';

export interface CaptureVerdict {
  readonly frames: number;
  readonly oursMalformed: number;
  readonly oursBadChecksums: number;
  readonly oursRetransmissions: number;
  readonly linuxRetransmissions: number;
}

const RETRANSMISSION = '(tcp.analysis.retransmission || tcp.analysis.fast_retransmission || tcp.analysis.spurious_retransmission)';
const BAD_CHECKSUM = '(ip.checksum.status == 0 || tcp.checksum.status == 0 || icmpv6.checksum.status == 0)';

/** `port`: what goes to and from it is data, whatever tshark would take it for. */
export async function captureVerdict(file: string, ourMac: string, port: number): Promise<CaptureVerdict> {
  const filters = [
    'frame',
    `eth.src == ${ourMac} && _ws.malformed`,
    `eth.src == ${ourMac} && ${BAD_CHECKSUM}`,
    `eth.src == ${ourMac} && ${RETRANSMISSION}`,
    `eth.src != ${ourMac} && ${RETRANSMISSION}`,
  ];
  const checks = ['ip', 'tcp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]);
  const read = ['-q', '-n', '-r', file, '-d', `tcp.port==${port},data`];
  const run = await runPeer('tshark', [...read, ...checks, '-z', `io,stat,0,${filters.join(',')}`], { timeoutMs: 300_000 });
  // The last line with columns: an interval, then frames and bytes for each filter.
  const columns = /^\|[^|]*<>[^|]*\|(.*)\|\s*$/m.exec(run.stdout);
  const numbers = columns?.[1]!.split('|').map((column) => Number(column)) ?? [];
  if (numbers.length !== filters.length * 2 || numbers.some((one) => Number.isNaN(one)))
    throw new Error(`tshark said ${run.stdout}\n${run.stderr}`);
  const [frames, oursMalformed, oursBadChecksums, oursRetransmissions, linuxRetransmissions] = filters.map((_, at) => numbers[at * 2]!);
  return {
    frames: frames!,
    oursMalformed: oursMalformed!,
    oursBadChecksums: oursBadChecksums!,
    oursRetransmissions: oursRetransmissions!,
    linuxRetransmissions: linuxRetransmissions!,
  };
}
