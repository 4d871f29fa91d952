/**
 * QEMU's firmware iPXE: a bare machine that takes a script from QEMU's own DHCP and TFTP. What it boots can tell how it went through the
 * machine's exit status.
 */
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runPeer } from '../run-peer.ts';
import type { Scratch } from '../scratch.ts';

/** How the machine ended: its disk booted and copied a sector, or was refused by the firmware, or iPXE gave up before. */
export type Verdict = 'copied' | 'refused' | 'not booted' | 'hung';

export interface FirmwareRun {
  readonly verdict: Verdict;
  readonly console: string;
}

const EXIT_PORT = 0xf4;
const LIMIT_MS = 60_000;

/** Runs an iPXE script. Where it ends without having booted, the machine goes on to a disk of its own, which ends it at once. */
export async function runIpxe(scratch: Scratch, script: string): Promise<FirmwareRun> {
  const folder = scratch.path('tftp');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'boot.ipxe'), `#!ipxe\n${script}\n`);
  const console = scratch.path('firmware.log');
  const fallback = scratch.path('fallback.img');
  writeFileSync(fallback, bootSector([end(NOT_BOOTED)]));
  truncateSync(fallback, DISK_BYTES);
  const options = [
    ['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ['-accel', 'tcg', '-machine', 'q35,graphics=off', '-m', '64'],
    ['-netdev', `user,id=net0,tftp=${folder},bootfile=boot.ipxe`, '-device', 'virtio-net-pci,netdev=net0,bootindex=0'],
    ['-drive', `if=none,id=fallback,format=raw,file=${fallback}`, '-device', 'virtio-blk-pci,drive=fallback,bootindex=1'],
    ['-device', `isa-debug-exit,iobase=${EXIT_PORT},iosize=1`, '-serial', `file:${console}`],
  ].flat();
  const { code, timedOut } = await runPeer('qemu-system-x86_64', options, { timeoutMs: LIMIT_MS });
  // isa-debug-exit: the status is twice the byte, and one.
  return { verdict: (timedOut ? undefined : VERDICTS[code >> 1]) ?? 'hung', console: readFileSync(console, 'latin1') };
}

const COPIED = 0x10;
const REFUSED = 0x11;
const NOT_BOOTED = 0x12;
const VERDICTS: Readonly<Record<number, Verdict>> = { [COPIED]: 'copied', [REFUSED]: 'refused', [NOT_BOOTED]: 'not booted' };

/** Smaller than a cylinder of a BIOS (255 heads of 63 sectors) would be no disk to it. */
export const DISK_BYTES = 16 * 2 ** 20;
export const SECTOR_BYTES = 512;
/** Where the BIOS loads a boot sector. */
const LOADED_AT = 0x7c00;

/** mov al, verdict; out EXIT_PORT, al; jmp $ */
const end = (verdict: number): number[] => [0xb0, verdict, 0xe6, EXIT_PORT, 0xeb, 0xfe];

function bootSector(code: readonly (readonly number[])[]): Uint8Array {
  const sector = new Uint8Array(SECTOR_BYTES);
  sector.set(code.flat());
  sector.set([0x55, 0xaa], SECTOR_BYTES - 2);
  return sector;
}

/** A master boot record that copies the sector behind it to the one behind that, by the BIOS (INT 13h extensions), and ends the machine. */
export function copyingBootSector(): Uint8Array {
  // The disk address packet, in this sector: its length, one block, to 0000:8000h, from block 1.
  const packetAt = 0x80;
  const packet = [0x10, 0x00, 0x01, 0x00, 0x00, 0x80, 0x00, 0x00, 0x01];
  const [low, high] = [(LOADED_AT + packetAt) & 0xff, LOADED_AT >> 8];
  const sector = bootSector([
    [0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xc0], // xor ax, ax; mov ds, ax; mov es, ax
    [0xbe, low, high, 0xb4, 0x42, 0xcd, 0x13, 0x72, 0x15], // mov si, packet; mov ah, 42h; int 13h; jc refused
    [0xc6, 0x06, low + 8, high, 0x02], // mov byte [packet + 8], 2: from now on the third sector
    [0xbe, low, high, 0xb8, 0x00, 0x43, 0xcd, 0x13, 0x72, 0x06], // mov si, packet; mov ax, 4300h; int 13h; jc refused
    end(COPIED),
    end(REFUSED), // refused:
  ]);
  sector.set(packet, packetAt);
  return sector;
}
