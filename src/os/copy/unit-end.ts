/**
 * A logical unit as the end of a copy. Zeros are made by WRITE SAME, with UNMAP where the unit takes that and unmapped blocks read as zeros:
 * SBC-4 §5.47 has it write the zeros where it can't unmap. UNMAP alone may leave blocks as they are (SBC-4 §4.7), so that what it
 * should have unmapped is read.
 */
import { STATUS_CHECK_CONDITION } from '../../wire/scsi/status.ts';
import * as cdbs from '../../wire/scsi/cdb.ts';
import { decodeLbaStatus } from '../../wire/scsi/lba-status-data.ts';
import { describeModes } from '../../wire/scsi/mode-words.ts';
import { decoded } from '../iscsi/decoded.ts';
import { type BlockDevice, IscsiError, type IscsiSession } from '../iscsi/index.ts';
import { type CopyDestination, type CopyEnd, CopyRefusal, type CopySource, type Extent } from './ends.ts';
import { isZero } from './zero-runs.ts';

export interface OpenUnit {
  readonly session: IscsiSession;
  readonly device: BlockDevice;
  /** The URL without credentials. */
  readonly name: string;
}

/** ILLEGAL REQUEST: the device does not know the command, or not in this form. */
const isUnknown = (error: unknown): boolean =>
  error instanceof IscsiError && error.status === STATUS_CHECK_CONDITION && error.sense?.key === 'ILLEGAL REQUEST';

function unitEnd({ session, device, name }: OpenUnit): CopyEnd {
  const { blockBytes, identity } = device;
  return {
    kind: 'unit',
    name,
    unitBytes: blockBytes,
    sizeBytes: device.bytes,
    identity: {
      key: name,
      is: [identity.vendor, identity.product, identity.name ?? '', identity.serial ?? '', device.blocks, blockBytes].join('|'),
    },
    read: async (at, into) => void (await device.read(at / blockBytes, into.length / blockBytes, { into })),
    close: () => session.close(),
  };
}

const LBA_STATUS_BYTES = 8 + 16 * 256;

export function unitSource(unit: OpenUnit): CopySource {
  const { device } = unit;
  const { blockBytes } = device;
  const end = unitEnd(unit);
  /** It tells nothing of its blocks, or what it does not hold reads as anything. */
  let opaque = !device.thin || !readsZeros(device);
  /** What is known, in order and without gaps; whoever asks for something else, asks from the beginning again. */
  let runs: readonly (Extent & { readonly startBytes: number })[] = [];
  return {
    ...end,
    async extentAt(at) {
      const known = runs.find((run) => run.startBytes <= at && at < run.endBytes);
      if (known !== undefined) return known;
      runs = opaque ? [] : await status(at / blockBytes);
      return runs[0] ?? { endBytes: device.bytes, zeros: false };
    },
    stamp: async () => undefined,
  };

  async function status(lba: number): Promise<typeof runs> {
    try {
      const answer = await device.command(cdbs.getLbaStatus(lba, LBA_STATUS_BYTES), { dataInBytes: LBA_STATUS_BYTES, attentionRetries: 8 });
      const extents: (typeof runs)[number][] = [];
      let next = lba;
      for (const run of decoded(decodeLbaStatus, answer.data)) {
        // SBC-4 §5.6.2: they follow each other; what does not is not believed.
        if (run.lba !== next) break;
        next = Math.min(run.lba + run.blocks, device.blocks);
        const zeros = run.status === 'deallocated' || run.status === 'anchored';
        extents.push({ startBytes: run.lba * blockBytes, endBytes: next * blockBytes, zeros });
      }
      if (next > lba) return extents;
    } catch (error) {
      if (!isUnknown(error)) throw error;
    }
    opaque = true;
    return [];
  }
}

const readsZeros = (device: BlockDevice): boolean => device.capacity.unmappedReadsZeros || device.provisioning.readsZeros;

type ZeroWay = 'write-same-unmap' | 'unmap' | 'write-same' | 'write';

/** Each may be refused, and then the next is tried. */
function zeroWays(device: BlockDevice): ZeroWay[] {
  const { byUnmap, byWriteSame16 } = device.provisioning;
  const ways: ZeroWay[] = [];
  if (byWriteSame16 && readsZeros(device)) ways.push('write-same-unmap');
  if (byUnmap && readsZeros(device)) ways.push('unmap');
  return [...ways, 'write-same', 'write'];
}

/** POWER ON, RESET, OR BUS DEVICE RESET OCCURRED and its kind (SPC-5 annex F); 29h/07h, I_T NEXUS LOSS, leaves caches alone. */
const lostCaches = new Set([0x2900, 0x2901, 0x2902, 0x2903, 0x2904]);

/** Longer pieces would keep a device that writes them busy for more than a command may last. */
const PIECE_BYTES = 4 * 1024 * 1024;
const MODE_BYTES = 252;

/** Rejects with a CopyRefusal for what can't be written. */
export async function unitDestination(unit: OpenUnit): Promise<CopyDestination> {
  const { session, device, name } = unit;
  const { blockBytes } = device;
  if (await isWriteProtected(device)) throw new CopyRefusal(`${name} is write-protected.`, false);
  const ways = zeroWays(device);
  const zeros = Buffer.alloc(Math.floor(PIECE_BYTES / blockBytes) * blockBytes);
  const readBack = async (at: number, bytes: number): Promise<void> => {
    for (let done = 0; done < bytes; done += zeros.length) {
      const part = Math.min(zeros.length, bytes - done);
      const data = await device.read((at + done) / blockBytes, part / blockBytes);
      if (!isZero(data)) await device.write((at + done) / blockBytes, zeros.subarray(0, part));
    }
  };
  const make: Readonly<Record<ZeroWay, (at: number, bytes: number) => Promise<void>>> = {
    'write-same-unmap': (at, bytes) => device.writeSame(at / blockBytes, bytes / blockBytes, undefined, { unmap: true }),
    unmap: async (at, bytes) => {
      await device.unmap({ lba: at / blockBytes, blocks: bytes / blockBytes });
      await readBack(at, bytes);
    },
    'write-same': async (at, bytes) => {
      for (let done = 0; done < bytes; done += zeros.length)
        await device.writeSame((at + done) / blockBytes, Math.min(zeros.length, bytes - done) / blockBytes);
    },
    write: async (at, bytes) => {
      for (let done = 0; done < bytes; done += zeros.length)
        await device.write((at + done) / blockBytes, zeros.subarray(0, Math.min(zeros.length, bytes - done)));
    },
  };
  return {
    ...unitEnd(unit),
    zeroUnitBytes: ways[0] === 'write' || ways[0] === 'write-same' ? blockBytes : grainOf(device),
    prepare: () => Promise.resolve(),
    write: (at, data) => device.write(at / blockBytes, data),
    async zero(at, bytes) {
      for (;;) {
        const way = ways[0]!;
        try {
          return await make[way](at, bytes);
        } catch (error) {
          if (!isUnknown(error) || way === 'write') throw error;
          // Others that were under way may have found out first.
          if (ways[0] === way) ways.shift();
        }
      }
    },
    flush: () => device.flush(),
    onLoss: (listener) =>
      session.onAttention((lun, sense) => {
        if (lun === device.lun && lostCaches.has(sense.code)) listener();
      }),
  };
}

/** Beyond this a granularity is a wish too far: zeros would be found nowhere. */
const GRAIN_BYTES_MAX = 1024 * 1024;

const grainOf = (device: BlockDevice): number => {
  const bytes = Math.max(1, device.limits.unmapGranularityBlocks) * device.blockBytes;
  return bytes > GRAIN_BYTES_MAX ? device.blockBytes : bytes;
};

async function isWriteProtected(device: BlockDevice): Promise<boolean> {
  try {
    const { data } = await device.command(cdbs.modeSense10(0x3f, 0, MODE_BYTES), { dataInBytes: MODE_BYTES, attentionRetries: 8 });
    return decoded(describeModes, data).writeProtected;
  } catch (error) {
    if (isUnknown(error) || (error instanceof IscsiError && error.reason === 'pdu-invalid')) return false;
    throw error;
  }
}
