/**
 * A Linux machine in QEMU, emulated (or under KVM with SAMEWIRE_KVM=1), that runs shell text for a test. Its network is QEMU's own
 * (slirp): the guest is 10.0.2.15, this machine's loopback is 10.0.2.2 to it, and chosen ports of the guest are forwarded to. Or it is plugged
 * into ports of a fabric, and has no other network.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { makeScratch, type Scratch } from '../scratch.ts';
import { guestImage } from './build.ts';

/** This machine's loopback, as the guest sees it. */
export const HOST_ADDRESS = '10.0.2.2';
export const GUEST_ADDRESS = '10.0.2.15';

export interface GuestOptions {
  /** Also the end of its initiator's name. */
  readonly name: string;
  readonly memoryMiB?: number;
  /** Port of this machine's loopback for each forwarded port of the guest. */
  readonly forward?: Readonly<Record<number, number>>;
  /** Instead of QEMU's own network: what `samewire up` prints for the ports of eth0, eth1 and so on. They have no addresses yet. */
  readonly wires?: readonly string[];
  /** More for QEMU. */
  readonly qemu?: readonly string[];
}

export interface ShellRun {
  readonly status: number;
  /** Standard output and standard error as they came. */
  readonly output: string;
}

export interface ShellOptions {
  readonly timeoutMs?: number;
}

export interface Guest extends AsyncDisposable {
  readonly name: string;
  readonly initiatorName: string;
  /** Runs shell text; several may run at once, each in a shell of its own. */
  readonly sh: (text: string, options?: ShellOptions) => Promise<ShellRun>;
  /** The same for text that must succeed, under `set -e`; gives its output. */
  readonly run: (text: string, options?: ShellOptions) => Promise<string>;
  /** The end of what the kernel and the console said. */
  readonly console: () => string;
  readonly stop: () => Promise<void>;
}

const BOOT_LIMIT_MS = 120_000;
const SHELL_LIMIT_MS = 60_000;
const CONSOLE_CHARACTERS = 4_000;

interface Pending {
  readonly resolve: (run: ShellRun) => void;
  readonly reject: (error: Error) => void;
}

export async function startGuest(options: GuestOptions): Promise<Guest> {
  const { name } = options;
  const scratch = makeScratch();
  const child = spawn('qemu-system-x86_64', qemuArguments(options, scratch), { stdio: ['pipe', 'pipe', 'pipe'] });
  const console = (): string => readConsole(scratch.path('console'));
  const pending = new Map<string, Pending>();
  let errors = '';
  let ended: Error | undefined;
  const end = (why: string): void => {
    if (ended !== undefined) return;
    ended = new Error(`guest ${name} ${why}\n${errors}${console()}`);
    for (const { reject } of pending.values()) reject(ended);
    pending.clear();
  };
  const closed = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      end(`did not start: ${error.message}`);
      resolve();
    });
    child.on('close', (code, signal) => {
      end(`ended (${code ?? signal})`);
      resolve();
    });
  });
  child.stdin.on('error', () => {}); // Said by 'close'.
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-CONSOLE_CHARACTERS);
  });
  readLines(child, (line) => {
    const [id, status, output = ''] = line.split(' ');
    const waiting = pending.get(id!);
    pending.delete(id!);
    waiting?.resolve({ status: Number(status), output: Buffer.from(output, 'base64').toString('utf8') });
  });
  /** What arrives with this first word, or the guest's end, or the end of patience. */
  const answer = (id: string, timeoutMs: number, what: string): Promise<ShellRun> =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(ended);
      const limit = setTimeout(() => {
        pending.delete(id);
        reject(new Error(`guest ${name}: no answer in ${timeoutMs} ms to: ${what}\n${errors}${console()}`));
      }, timeoutMs);
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(limit);
          then(value);
        };
      pending.set(id, { resolve: settle(resolve), reject: settle(reject) });
    });
  const stop = async (): Promise<void> => {
    end('was stopped');
    child.kill('SIGKILL');
    await closed;
    scratch.remove();
  };
  let requests = 0;
  const sh: Guest['sh'] = (text, { timeoutMs = SHELL_LIMIT_MS } = {}) => {
    requests += 1;
    const run = answer(String(requests), timeoutMs, text);
    child.stdin.write(`${requests} ${Buffer.from(text).toString('base64')}\n`);
    return run;
  };
  try {
    await answer('hello', BOOT_LIMIT_MS, 'its start');
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name,
    initiatorName: `iqn.2026-01.net.samewire.guest:${name}`,
    sh,
    run: async (text, shellOptions) => {
      const { status, output } = await sh(`set -e\n${text}`, shellOptions);
      if (status !== 0) throw new Error(`guest ${name}: status ${status} of:\n${text}\n--\n${output}`);
      return output;
    },
    console,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function qemuArguments({ name, memoryMiB = 256, forward = {}, wires, qemu = [] }: GuestOptions, scratch: Scratch): readonly string[] {
  const image = guestImage((line) => process.stderr.write(`guest image: ${line}\n`));
  const forwards = Object.entries(forward).map(([inside, outside]) => `,hostfwd=tcp:127.0.0.1:${outside}-${GUEST_ADDRESS}:${inside}`);
  const ownNetwork = `-netdev user,id=net0${forwards.join('')} -device virtio-net-pci,netdev=net0`;
  return [
    ['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    // A machine inside a virtual machine may show a /dev/kvm that does not work: emulation is slow and works everywhere.
    ['-accel', process.env['SAMEWIRE_KVM'] === '1' ? 'kvm' : 'tcg,thread=multi'],
    ['-machine', 'q35', '-cpu', 'max', '-m', String(memoryMiB)],
    ['-kernel', image.kernel, '-initrd', image.initrd],
    ['-append', `console=ttyS0 quiet panic=-1 guest.name=${name}${wires === undefined ? ` guest.ip=${GUEST_ADDRESS}/24` : ''}`],
    ['-serial', `file:${scratch.path('console')}`],
    // The agent's line is QEMU's own standard input and output: when this process ends, so does the guest.
    ['-chardev', 'stdio,id=agent,signal=off', '-device', 'virtio-serial-pci', '-device', 'virtserialport,chardev=agent,name=agent'],
    ['-device', 'virtio-rng-pci'],
    // Each ends in a device, which is not to be booted from.
    (wires ?? [ownNetwork]).flatMap((wire) => `${wire},romfile=`.split(' ')),
    qemu,
  ].flat();
}

function readConsole(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(-CONSOLE_CHARACTERS);
  } catch {
    return '';
  }
}

function readLines(child: ChildProcess, take: (line: string) => void): void {
  let chunks: string[] = [];
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    const lines = text.split('\n');
    for (const part of lines.slice(0, -1)) {
      const line = [...chunks, part].join('');
      chunks = [];
      take(line);
    }
    chunks.push(lines.at(-1)!);
  });
}
