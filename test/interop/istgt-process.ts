/** istgt, a user-space target that came from FreeBSD, as a peer: its own process in the foreground, with its own configuration, folder and port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeScratch } from './scratch.ts';
import { freePort } from './tgtd-process.ts';

export interface IstgtOptions {
  readonly target: string;
  /** Image files; LUNs from 0 on, all of one block size. */
  readonly luns: readonly string[];
  readonly blockSize?: number;
  /** CHAP: initiators prove the first; the second proves the target to them. */
  readonly account?: readonly [user: string, secret: string];
  readonly outgoing?: readonly [user: string, secret: string];
  /** Initial values of iSCSI keys: `{ MaxBurstLength: '65536' }`. istgt does not start with InitialR2T=No or an ErrorRecoveryLevel above 0. */
  readonly keys?: Readonly<Record<string, string>>;
}

export interface IstgtProcess {
  readonly pid: number;
  readonly target: string;
  readonly portal: string;
  readonly stop: () => Promise<void>;
}

const TRIES = 100;
const TRY_EVERY_MS = 50;
const OUTPUT_CHARACTERS = 4_000;
/** A node base is wanted even where every name is whole. */
const NODE_BASE = 'iqn.2026-01.net.samewire';

export async function startIstgt(options: IstgtOptions): Promise<IstgtProcess> {
  const scratch = makeScratch();
  const port = await freePort();
  writeFileSync(scratch.path('auth.conf'), accounts(options));
  // It refuses secrets that others could read.
  chmodSync(scratch.path('auth.conf'), 0o600);
  writeFileSync(scratch.path('istgt.conf'), configuration(options, scratch.folder, port));
  const child = spawn('istgt', ['-D', '-c', scratch.path('istgt.conf'), '-p', scratch.path('istgt.pid')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-OUTPUT_CHARACTERS)));
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()).on('error', () => resolve()));
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
    scratch.remove();
  };
  try {
    await untilListening(child, port);
  } catch (error) {
    await stop();
    throw new Error(`${(error as Error).message}:\n${output}`, { cause: error });
  }
  return { pid: child.pid!, target: options.target, portal: `127.0.0.1:${port}`, stop };
}

async function untilListening(child: ChildProcess, port: number): Promise<void> {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('istgt ended before it was ready');
    if (await accepts(port)) return;
    await sleep(TRY_EVERY_MS);
  }
  throw new Error('istgt was not ready in time');
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

function accounts({ account, outgoing }: IstgtOptions): string {
  if (account === undefined) return '';
  const words = [...account, ...(outgoing ?? [])].map((word) => `"${word}"`).join(' ');
  return `[AuthGroup1]\n  Auth ${words}\n`;
}

function configuration(
  { target, luns, blockSize = 512, account, outgoing, keys = {} }: IstgtOptions,
  folder: string,
  port: number,
): string {
  const values = {
    MaxSessions: '16',
    MaxConnections: '4',
    MaxR2T: '32',
    MaxOutstandingR2T: '16',
    DefaultTime2Wait: '0',
    DefaultTime2Retain: '20',
    FirstBurstLength: '262144',
    MaxBurstLength: '1048576',
    MaxRecvDataSegmentLength: '262144',
    InitialR2T: 'Yes',
    ImmediateData: 'Yes',
    DataPDUInOrder: 'Yes',
    DataSequenceInOrder: 'Yes',
    ErrorRecoveryLevel: '0',
    ...keys,
  };
  const method = account === undefined ? 'Auto' : outgoing === undefined ? 'CHAP' : 'CHAP Mutual';
  return [
    '[Global]',
    `  NodeBase "${NODE_BASE}"`,
    `  PidFile ${join(folder, 'istgt.pid')}`,
    `  AuthFile ${join(folder, 'auth.conf')}`,
    `  MediaDirectory ${folder}`,
    '  LogFacility "local7"',
    '  Timeout 30',
    '  NopInInterval 20',
    '  DiscoveryAuthMethod Auto',
    ...Object.entries(values).map(([key, value]) => `  ${key} ${value}`),
    // Its own control port: none.
    '[UnitControl]',
    '[PortalGroup1]',
    `  Portal P1 127.0.0.1:${port}`,
    '[InitiatorGroup1]',
    '  InitiatorName ALL',
    '  Netmask ALL',
    '[LogicalUnit1]',
    `  TargetName "${target}"`,
    '  Mapping PortalGroup1 InitiatorGroup1',
    `  AuthMethod ${method}`,
    `  AuthGroup ${account === undefined ? 'None' : 'AuthGroup1'}`,
    '  UseDigest Auto',
    '  ReadOnly No',
    '  UnitType Disk',
    '  UnitOnline Yes',
    `  BlockLength ${blockSize}`,
    ...luns.map((path, lun) => `  LUN${lun} Storage ${path} Auto`),
    '',
  ].join('\n');
}
