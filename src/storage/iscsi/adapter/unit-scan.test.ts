/** Looking for logical units, with units that say all kinds of things, or nothing. */
import { describe, expect, it } from 'vitest';
import { putBe16, putBe32, putBe64 } from '../../../base/bytes.ts';
import { INQUIRY, READ_CAPACITY_10, REPORT_LUNS, SERVICE_ACTION_IN_16 } from '../../../wire/scsi/cdb.ts';
import { STATUS_CHECK_CONDITION, STATUS_GOOD } from '../../../wire/scsi/status.ts';
import { initiatorError, type InitiatorReason } from '../initiator/errors.ts';
import type { InitiatorTask } from '../initiator/task.ts';
import { type FoundUnit, type Scan, scanUnits } from './unit-scan.ts';

type Answer = Uint8Array | 'refused' | InitiatorReason;

/** What a unit answers, by the operation code, and for INQUIRY pages by `page 83`; what is not there it refuses. */
type Unit = Readonly<Record<string, Answer>>;

const ascii = (text: string): number[] => [...text].map((letter) => letter.codePointAt(0)!);

function standard(deviceType = 0, qualifier = 0): Uint8Array {
  const data = new Uint8Array(36);
  data[0] = (qualifier << 5) | deviceType;
  data[5] = 0x10;
  data.set(ascii('VENDOR  PRODUCT         1.0 '), 8);
  return data;
}

const page = (code: number, ...body: number[]): Uint8Array => Uint8Array.of(0, code, 0, body.length, ...body);

function capacity16(blocks: number, blockBytes = 512): Uint8Array {
  const data = new Uint8Array(32);
  putBe64(data, 0, blocks - 1);
  putBe32(data, 8, blockBytes);
  return data;
}

const DISK: Unit = {
  inquiry: standard(),
  'page 0': page(0x00, 0x00, 0x80, 0x83),
  'page 80': page(0x80, ...ascii('SERIAL')),
  'page 83': page(0x83, 0x01, 0x03, 0x00, 0x08, 0x60, 1, 2, 3, 4, 5, 6, 7),
  capacity16: capacity16(2048),
};

function lunList(luns: readonly number[], more = 0): Uint8Array {
  const list = new Uint8Array(8 + 8 * luns.length);
  putBe32(list, 0, 8 * (luns.length + more));
  for (const [index, lun] of luns.entries()) putBe16(list, 8 + 8 * index, lun < 256 ? lun : 0x4000 | lun);
  return list;
}

function nameOf({ cdb }: InitiatorTask): string {
  if (cdb[0] === INQUIRY) return cdb[1] === 0 ? 'inquiry' : `page ${cdb[2]!.toString(16)}`;
  return { [REPORT_LUNS]: 'luns', [SERVICE_ACTION_IN_16]: 'capacity16', [READ_CAPACITY_10]: 'capacity10' }[cdb[0]!] ?? 'unknown';
}

function finish(task: InitiatorTask, answer: Answer): void {
  if (typeof answer === 'string' && answer !== 'refused') task.error = initiatorError(answer, answer);
  else if (answer === 'refused') task.status = STATUS_CHECK_CONDITION;
  else {
    task.status = STATUS_GOOD;
    task.dataIn = answer;
    task.receivedBytes = answer.length;
  }
  task.finish();
}

interface Scanned {
  readonly scan: Scan | undefined;
  readonly failure: string | undefined;
  readonly atOnce: number;
}

function scanned(units: Readonly<Record<number, Unit>>, luns: Answer = lunList(Object.keys(units).map(Number)), most = 100): Scanned {
  const waiting: InitiatorTask[] = [];
  const results: Scanned[] = [];
  let atOnce = 0;
  scanUnits(
    (task) => void waiting.push(task),
    { units: most, unitsAtOnce: 2 },
    (scan, failure) => results.push({ scan, failure: failure?.reason, atOnce: 0 }),
  );
  for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
    atOnce = Math.max(atOnce, waiting.length + 1);
    const name = nameOf(task);
    finish(task, name === 'luns' ? luns : (units[task.lun]?.[name] ?? 'refused'));
  }
  expect(results).toHaveLength(1);
  return { ...results[0]!, atOnce };
}

const names = ({ scan }: Scanned): (string | undefined)[] => scan!.units.map((unit) => unit.name);

describe('looking for logical units', () => {
  it('finds what each is', () => {
    const { scan } = scanned({ 3: DISK });
    expect(scan).toEqual({
      units: [
        {
          lun: 3,
          name: 'naa.6001020304050607',
          vendor: 'VENDOR',
          product: 'PRODUCT',
          revision: '1.0',
          serial: 'SERIAL',
          deviceType: 0,
          tellsAccess: true,
          capacity: expect.objectContaining({ blocks: 2048, blockBytes: 512 }),
        } satisfies FoundUnit,
      ],
      silent: [],
      beyond: 0,
    });
  });

  it('asks a few at a time', () => {
    const units = Object.fromEntries(Array.from({ length: 20 }, (_, lun) => [lun, DISK]));
    const result = scanned(units);
    expect(result.scan!.units.map(({ lun }) => lun)).toEqual(Array.from({ length: 20 }, (_, lun) => lun));
    expect(result.atOnce).toBe(2);
  });

  it('gives a unit without a page of names one of its maker and serial number, and else none', () => {
    const { 'page 83': _, ...unnamed } = DISK;
    expect(names(scanned({ 0: { ...unnamed, 'page 0': page(0x00, 0x00, 0x80) }, 1: { inquiry: standard() } }))).toEqual([
      't10.VENDOR_PRODUCT_SERIAL',
      undefined,
    ]);
  });

  it('takes the short READ CAPACITY of old disks, and no capacity from what is no disk', () => {
    const { capacity16: _, ...old } = DISK;
    const short = new Uint8Array(8);
    putBe32(short, 0, 99);
    putBe32(short, 4, 512);
    const { scan } = scanned({ 0: { ...old, capacity10: short }, 1: { ...DISK, inquiry: standard(0x0c) }, 2: old });
    expect(scan!.units.map((unit) => unit.capacity?.blocks)).toEqual([100, undefined, undefined]);
  });

  it('leaves out what is not there, or makes no sense', () => {
    const result = scanned({
      0: { inquiry: standard(0x1f, 3) },
      1: { inquiry: new Uint8Array(5) },
      2: {},
      3: { ...DISK, 'page 83': new Uint8Array(2) },
    });
    expect(result.scan!.units.map(({ lun }) => lun)).toEqual([3]);
    expect(names(result)).toEqual(['t10.VENDOR_PRODUCT_SERIAL']);
  });

  it('tells of units that are there and do not answer', () =>
    expect(scanned({ 0: DISK, 1: { ...DISK, capacity16: 'command-timed-out' }, 2: DISK }).scan).toMatchObject({
      units: [{ lun: 0 }, { lun: 2 }],
      silent: [1],
    }));

  it('comes to nothing where the session is lost, or there is no list', () => {
    expect(scanned({ 0: DISK, 1: { ...DISK, 'page 80': 'connection-lost' }, 2: DISK })).toMatchObject({
      scan: undefined,
      failure: 'connection-lost',
    });
    expect(scanned({}, 'refused').failure).toBe('REPORT LUNS ended with CHECK CONDITION');
    expect(scanned({}, new Uint8Array(3)).failure).toMatch(/can't be read/);
  });

  it('has a bound, and says how much is beyond', () => {
    const units = Object.fromEntries(Array.from({ length: 5 }, (_, lun) => [lun, DISK]));
    expect(scanned(units, lunList([0, 1, 2, 3, 4]), 3).scan).toMatchObject({ units: [{ lun: 0 }, { lun: 1 }, { lun: 2 }], beyond: 2 });
    expect(scanned({}, lunList([])).scan).toEqual({ units: [], silent: [], beyond: 0 });
    // A list longer than what was asked for.
    expect(scanned({ 0: DISK }, lunList([0], 4096)).scan!.beyond).toBeGreaterThan(2000);
  });
});
