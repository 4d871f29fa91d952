/** A Linux kernel, in a network namespace of its own, at the end of a link of ours: a TAP there, a port here. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Port } from '../../../src/base/port.ts';
import type { Attachment } from '../../../src/os/ports/attachment.ts';
import { attachTap } from '../../../src/os/ports/tap.ts';
import { makeNamespace, type Namespace } from '../namespaces.ts';
import { patch } from './patch.ts';

export interface KernelEnd {
  readonly namespace: Namespace;
  /** Where the link is plugged in. */
  readonly port: Port;
  readonly attachment: Attachment;
  close(): void;
}

/** Frames that may wait for us in the kernel: more than any window of a test, so that nothing is lost beside our link. */
const QUEUE_FRAMES = 20_000;

/** Its addresses are 192.0.2.`last` and 2001:db8::`last`. */
export function kernelEnd(last: number, setUp = ''): KernelEnd {
  const namespace = makeNamespace();
  const [inside, outside] = patch(`kernel${last}`);
  const attachment = namespace.within(() => attachTap(outside, 'wire0', { events: () => {} }));
  namespace.run(`
    sysctl -q -w net.ipv4.tcp_no_metrics_save=1
    ip link set wire0 addrgenmode none txqueuelen ${QUEUE_FRAMES}
    ip addr add 192.0.2.${last}/24 dev wire0
    ip addr add 2001:db8::${last}/64 dev wire0 nodad
    ${setUp}
    ip link set wire0 up`);
  return {
    namespace,
    port: inside,
    attachment,
    close: () => {
      attachment.close();
      namespace.remove();
    },
  };
}

/** What kernel-peer.mjs prints, line by line. */
export type PeerLine = Readonly<Record<string, unknown>>;

export interface KernelPeer {
  /** The next line it prints. */
  next(): Promise<PeerLine>;
  /** Ended with status 0; otherwise rejects. */
  readonly ended: Promise<void>;
  kill(): void;
}

const PROGRAM = fileURLToPath(new URL('kernel-peer.mjs', import.meta.url));

/** Runs kernel-peer.mjs in the namespace; what it does and prints stands there. */
export function kernelPeer(namespace: Namespace, ...args: readonly (string | number)[]): KernelPeer {
  const child = spawn('ip', ['netns', 'exec', namespace.name, process.execPath, PROGRAM, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: PeerLine[] = [];
  const waiting: { readonly take: (line: PeerLine) => void; readonly fail: (error: Error) => void }[] = [];
  let text = '';
  let errors = '';
  let over: Error | undefined;
  child.stderr.on('data', (part: Buffer) => (errors += String(part)));
  child.stdout.on('data', (part: Buffer) => {
    const parts = (text + String(part)).split('\n');
    text = parts.pop()!;
    for (const line of parts) {
      const said = JSON.parse(line) as PeerLine;
      const first = waiting.shift();
      if (first === undefined) lines.push(said);
      else first.take(said);
    }
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.on('close', (code, signal) => {
      over = new Error(`kernel-peer.mjs ${args.join(' ')} ended (${code ?? signal}): ${errors}`);
      for (const { fail } of waiting.splice(0)) fail(over);
      if (code === 0) resolve();
      else reject(over);
    });
  });
  ended.catch(() => {}); // Whoever waits for a line hears of it too.
  return {
    next: () =>
      new Promise((take, fail) => {
        const line = lines.shift();
        if (line !== undefined) take(line);
        else if (over !== undefined) fail(over);
        else waiting.push({ take, fail });
      }),
    ended,
    kill: () => void child.kill('SIGKILL'),
  };
}
