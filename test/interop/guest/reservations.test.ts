/** Persistent reservations (SPC-5 §5.14) between two Linux machines: who may write, who is preempted, and what a restart keeps. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers, GUEST_PEERS } from '../peers.ts';
import { makeScratch } from '../scratch.ts';
import { startTarget, type TargetProcess } from '../target-process.ts';
import { freePort } from '../tgtd-process.ts';
import { type Guest, HOST_ADDRESS, startGuest } from './guest.ts';
import { diskOf, login, startInitiator } from './open-iscsi.ts';

const TARGET = 'iqn.2026-01.net.samewire:reservations';
const WRITE_EXCLUSIVE = 1;
const EXCLUSIVE_ACCESS = 3;
const EXCLUSIVE_ACCESS_REGISTRANTS_ONLY = 6;

const fabric = (port: number): string => `version: 1
name: reservations
arrays:
  array1:
    portals: [{ listen: "127.0.0.1:${port}", announce: "${HOST_ADDRESS}:${port}" }]
    targets:
      ${TARGET}:
        luns: [{ store: file, path: disk.img, size: 16MiB }]
    state: state
`;

interface Machine {
  readonly guest: Guest;
  readonly disk: string;
  readonly key: string;
}

/** \`sg_persist --out\` with what it is to do. */
const change = ({ guest, disk }: Machine, what: string): Promise<unknown> => guest.run(`sg_persist --out ${what} ${disk}`);
const keys = async ({ guest, disk }: Machine): Promise<readonly string[]> =>
  ((await guest.run(`sg_persist --in --read-keys ${disk}`)).match(/^\s+0x[0-9a-f]+$/gm) ?? []).map((key) => key.trim()).sort();
const reservation = async ({ guest, disk }: Machine): Promise<string | undefined> =>
  /Key=(0x[0-9a-f]+)/.exec(await guest.run(`sg_persist --in --read-reservation ${disk}`))?.[1];

const writes = async ({ guest, disk }: Machine): Promise<string> =>
  (await guest.sh(`dd if=/dev/urandom of=${disk} bs=4096 count=1 oflag=direct 2>&1 && echo written`)).output;
const reads = async ({ guest, disk }: Machine): Promise<string> =>
  (await guest.sh(`dd if=${disk} of=/dev/null bs=4096 count=1 iflag=direct 2>&1 && echo read`)).output;

describeWithPeers(GUEST_PEERS, 'persistent reservations between two Linux machines', () => {
  const scratch = makeScratch();
  const guests: Guest[] = [];
  let declaration: string;
  let target: TargetProcess;
  let first: Machine;
  let second: Machine;

  const addMachine = async (name: string, key: string, portal: string): Promise<Machine> => {
    const guest = await startGuest({ name, memoryMiB: 192 });
    guests.push(guest);
    await startInitiator(guest);
    await login(guest, { target: TARGET, portal });
    return { guest, key, disk: await diskOf(guest, TARGET, 0) };
  };

  beforeAll(async () => {
    const port = await freePort();
    declaration = scratch.write('reservations.yaml', fabric(port));
    target = await startTarget(['up', declaration]);
    first = await addMachine('first', '0xa', `${HOST_ADDRESS}:${port}`);
    second = await addMachine('second', '0xb', `${HOST_ADDRESS}:${port}`);
  }, 300_000);
  afterAll(async () => {
    for (const guest of guests) await guest.stop();
    await target?.stop();
    scratch.remove();
  });

  it('registers both', async () => {
    for (const machine of [first, second]) await change(machine, `--register --param-sark=${machine.key}`);
    expect(await keys(first)).toEqual([first.key, second.key]);
    expect(await keys(second)).toEqual([first.key, second.key]);
    expect(await reservation(first)).toBeUndefined();
  });

  it('lets nobody else write under Write Exclusive, and everybody read', async () => {
    await change(first, `--reserve --param-rk=${first.key} --prout-type=${WRITE_EXCLUSIVE}`);
    expect(await reservation(second)).toBe(first.key);
    expect(await writes(first)).toMatch(/written/);
    // EBADE is what the kernel makes of the status RESERVATION CONFLICT.
    expect(await writes(second)).toMatch(/Invalid exchange/);
    expect(await reads(second)).toMatch(/read/);
    await expect(change(second, `--reserve --param-rk=${second.key} --prout-type=${WRITE_EXCLUSIVE}`)).rejects.toThrow(/[Cc]onflict/);
    await change(first, `--release --param-rk=${first.key} --prout-type=${WRITE_EXCLUSIVE}`);
    expect(await writes(second)).toMatch(/written/);
  });

  it('lets nobody else do anything under Exclusive Access', async () => {
    await change(first, `--reserve --param-rk=${first.key} --prout-type=${EXCLUSIVE_ACCESS}`);
    expect(await reads(second)).toMatch(/Invalid exchange/);
    expect(await reads(first)).toMatch(/read/);
  });

  it('is taken over by preempting', async () => {
    await change(second, `--preempt --param-rk=${second.key} --param-sark=${first.key} --prout-type=${EXCLUSIVE_ACCESS}`);
    expect(await keys(second)).toEqual([second.key]);
    expect(await reservation(second)).toBe(second.key);
    expect(await writes(second)).toMatch(/written/);
    expect(await writes(first)).toMatch(/Invalid exchange/);
    await change(second, `--clear --param-rk=${second.key}`);
    expect(await keys(first)).toEqual([]);
    expect(await writes(first)).toMatch(/written/);
  });

  it('outlives the target where that was asked for', async () => {
    await change(first, `--register --param-sark=${first.key} --param-aptpl`);
    await change(first, `--reserve --param-rk=${first.key} --prout-type=${EXCLUSIVE_ACCESS_REGISTRANTS_ONLY}`);
    process.kill(target.pid, 'SIGKILL');
    await target.stop();
    target = await startTarget(['up', declaration]);
    // Both machines come back by themselves.
    expect(await writes(second)).toMatch(/Invalid exchange/);
    expect(await writes(first)).toMatch(/written/);
    expect(await keys(second)).toEqual([first.key]);
    expect(await reservation(second)).toBe(first.key);
    await change(first, `--clear --param-rk=${first.key}`);
    expect(await writes(second)).toMatch(/written/);
  });

  it('leaves the target running and silent on standard error', () => {
    expect(target.isRunning()).toBe(true);
    expect(target.errors()).toBe('');
  });
});
