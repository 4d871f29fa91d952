/** What is lost on the way to a target and found again (RFC 7143 §7.1.4.1-2, §7.8-7.9): data-out, commands, whole PDUs, at level 1. */
import { afterEach, describe, expect, it } from 'vitest';
import { be32 } from '../../base/bytes.ts';
import { SECOND } from '../../base/clock.ts';
import { RESERVED_TAG } from '../../wire/iscsi/basic-header.ts';
import { SNACK_DATA_OR_R2T, SNACK_STATUS } from '../../wire/iscsi/control.ts';
import { targetTransferTag } from '../../wire/iscsi/data.ts';
import { expectedDataSequenceNumber } from '../../wire/iscsi/scsi-command.ts';
import { cdb10 } from '../scsi/testing/block-cdbs.ts';
import { READ, same, some, stored, WRITE } from './testing/blocks.ts';
import { brief } from './testing/brief.ts';
import type { SeenPdu } from './testing/pdu-bytes.ts';
import type { LoginWords, ScriptedInitiator } from './testing/scripted-initiator.ts';
import { type BenchOptions, NOTHING_LEFT, TargetBench } from './testing/target-bench.ts';

const benches: TargetBench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) expect(bench.leftovers()).toEqual(NOTHING_LEFT);
});

const CRC_ERROR = 'CHECK CONDITION ABORTED COMMAND: protocol service CRC error (47h/05h)';
const PHASE_ERROR = 'CHECK CONDITION ABORTED COMMAND: data phase error (4bh/00h)';
const DIGESTS = { HeaderDigest: 'CRC32C', DataDigest: 'CRC32C' };

function start(keys: LoginWords['keys'] = {}, options: BenchOptions = {}): [TargetBench, ScriptedInitiator] {
  const bench = new TargetBench({ ...options, limits: { recoveryTimeoutNanos: SECOND, ...options.limits } });
  benches.push(bench);
  const i = bench.session({ keys: { ErrorRecoveryLevel: '1', InitialR2T: 'No', ...DIGESTS, ...keys } });
  i.recovers = true;
  return [bench, i];
}

const write = (i: ScriptedInitiator, words: { data?: Uint8Array; final?: boolean } = {}): number =>
  i.command({ cdb: cdb10(WRITE, 0, 16), write: 8192, ...words });

/** Sends the pieces of what an R2T asks for, 1024 bytes each, but for what the mishaps make of them. */
function pieces(
  i: ScriptedInitiator,
  r2t: SeenPdu,
  data: Uint8Array,
  mishaps: Readonly<Record<number, ScriptedInitiator['mishap']>>,
): void {
  const { header } = r2t;
  const [offset, length] = [be32(header, 40), be32(header, 44)];
  for (let done = 0, sequence = 0; done < length; sequence += 1) {
    const bytes = Math.min(1024, length - done);
    i.mishap = mishaps[sequence];
    const part = data.subarray(offset + done, offset + done + bytes);
    i.dataOut(be32(header, 16), targetTransferTag(header, 0), sequence, offset + done, part, done + bytes === length);
    done += bytes;
  }
}

describe('a Data-Out whose data fails its digest (§7.8)', () => {
  it('is rejected, and what it should have brought asked for again: nothing else', () => {
    const [bench, i] = start();
    const data = some(16);
    write(i);
    const r2t = i.one();
    pieces(i, r2t, data, { 2: 'data' });
    const [reject, again, ...more] = i.pdus();
    expect([brief(reject!), brief(again!), more.length]).toEqual(['reject 2', 'R2T 1 2048+1024', 0]);
    i.fulfil(again!, data);
    const status = i.one();
    expect([brief(status), expectedDataSequenceNumber(status.header, 0)]).toEqual(['GOOD', 2]);
    expect(same(stored(bench, 0, 16), data)).toBe(true);
    expect(bench.service.counters).toMatchObject({ dataDigestErrors: 1, recoveryReadyToTransfers: 1 });
  });

  it('as the last one, and all of them', () => {
    const [bench, i] = start();
    const data = some(16);
    for (const mishaps of [
      { 7: 'data' },
      { 0: 'data', 1: 'data', 2: 'data', 3: 'data', 4: 'data', 5: 'data', 6: 'data', 7: 'data' },
    ] as const) {
      write(i);
      pieces(i, i.one(), data, mishaps);
      let asked = i.pdus().filter((pdu) => brief(pdu).startsWith('R2T'));
      // One R2T at a time was agreed on (§13.17).
      expect(asked).toHaveLength(1);
      for (; asked.length !== 0 && brief(asked[0]!) !== 'GOOD'; asked = i.pdus()) i.fulfil(asked[0]!, data);
      expect(asked.map(brief)).toEqual(['GOOD']);
      expect(same(stored(bench, 0, 16), data)).toBe(true);
    }
  });

  it('with long data that went straight to its place', () => {
    const [bench, i] = start({ MaxBurstLength: '131072' });
    const data = some(256);
    i.stream.pieceBytes = 7000;
    i.command({ cdb: cdb10(WRITE, 0, 256), write: 131_072 });
    const r2t = i.one();
    const [tag, transfer] = [be32(r2t.header, 16), targetTransferTag(r2t.header, 0)];
    i.mishap = 'data';
    i.dataOut(tag, transfer, 0, 0, data.subarray(0, 65_536), false);
    i.dataOut(tag, transfer, 1, 65_536, data.subarray(65_536), true);
    const heard = i.pdus();
    expect(heard.map(brief)).toEqual(['reject 2', 'R2T 1 0+65536']);
    i.fulfil(heard[1]!, data, 65_536);
    expect(i.heard()).toEqual(['GOOD']);
    expect(same(stored(bench, 0, 256), data)).toBe(true);
  });

  it('at level 0 fails its command', () => {
    const [, i] = start({ ErrorRecoveryLevel: '0' });
    write(i);
    pieces(i, i.one(), some(16), { 2: 'data' });
    expect(i.heard()).toEqual(['reject 2', CRC_ERROR]);
  });
});

describe('unsolicited data that is lost', () => {
  it('is asked for by R2T once the rest has come', () => {
    const [bench, i] = start();
    const data = some(16);
    const tag = write(i, { data: data.subarray(0, 1024), final: false });
    for (let sequence = 0; sequence < 3; sequence += 1) {
      i.mishap = sequence === 1 ? 'lost' : undefined;
      const offset = 1024 * (sequence + 1);
      i.dataOut(tag, RESERVED_TAG, sequence, offset, data.subarray(offset, offset + 1024), sequence === 2);
    }
    const first = i.one();
    expect(brief(first)).toBe('R2T 0 2048+1024');
    i.fulfil(first, data);
    const second = i.one();
    expect(brief(second)).toBe('R2T 1 4096+4096');
    i.fulfil(second, data);
    expect(i.heard()).toEqual(['GOOD']);
    expect(same(stored(bench, 0, 16), data)).toBe(true);
  });

  it('its end, too: after the reception timeout', () => {
    const [bench, i] = start();
    const data = some(16);
    const tag = write(i, { data: data.subarray(0, 1024), final: false });
    i.dataOut(tag, RESERVED_TAG, 0, 1024, data.subarray(1024, 2048), false);
    bench.elapse(3 * SECOND);
    const r2t = i.pdus().find((pdu) => brief(pdu).startsWith('R2T'))!;
    expect(brief(r2t)).toBe('R2T 0 2048+6144');
    // What comes late of it all the same is dropped.
    i.dataOut(tag, RESERVED_TAG, 1, 2048, some(2, 9), true);
    i.fulfil(r2t, data);
    expect(i.heard()).toEqual(['GOOD']);
    expect(same(stored(bench, 0, 16), data)).toBe(true);
    expect(bench.news()).toContain('data-asked-again');
  });

  it('of a command that waits for its turn is asked for when it comes', () => {
    const [bench, i] = start();
    const data = some(16);
    write(i);
    const first = i.one();
    const tag = i.command({ cdb: cdb10(WRITE, 16, 16), write: 8192, final: false, attribute: 'ordered' });
    i.mishap = 'lost';
    i.dataOut(tag, RESERVED_TAG, 0, 0, data.subarray(0, 4096), false);
    i.dataOut(tag, RESERVED_TAG, 1, 4096, data.subarray(4096), true);
    expect(i.heard()).toEqual([]);
    i.fulfil(first, data);
    const heard = i.pdus();
    expect(heard.map(brief)).toEqual(['GOOD', 'R2T 0 0+4096']);
    i.fulfil(heard[1]!, data);
    expect(i.heard()).toEqual(['GOOD']);
    expect(same(stored(bench, 16, 16), data)).toBe(true);
  });
});

describe('Data-Out that does not come (§7.9, §7.1.4.1)', () => {
  it('shows by the DataSN of what follows', () => {
    const [bench, i] = start({ MaxOutstandingR2T: '2' });
    const data = some(16);
    write(i);
    pieces(i, i.one(), data, { 0: 'lost', 3: 'lost', 4: 'header' });
    const asked = i.pdus();
    expect(asked.map(brief)).toEqual(['R2T 1 0+1024', 'R2T 2 3072+2048']);
    for (const r2t of asked) i.fulfil(r2t, data);
    expect(i.heard()).toEqual(['GOOD']);
    expect(same(stored(bench, 0, 16), data)).toBe(true);
    expect(bench.service.counters.headerDigestErrors).toBe(1);
  });

  it('at the end of a sequence shows by the next sequence', () => {
    const [bench, i] = start({ MaxOutstandingR2T: '2', MaxBurstLength: '4096' });
    const data = some(16);
    write(i);
    const [first, second] = i.pdus();
    pieces(i, first!, data, { 3: 'lost' });
    pieces(i, second!, data, {});
    const asked = i.one();
    expect(brief(asked)).toBe('R2T 2 3072+1024');
    i.fulfil(asked, data);
    expect(i.heard()).toEqual(['GOOD']);
    expect(same(stored(bench, 0, 16), data)).toBe(true);
  });

  it('shows by the time that passes, where it is the last, or the R2T itself was lost', () => {
    const [bench, i] = start();
    const data = some(16);
    for (const lost of [{ 7: 'lost' }, Object.fromEntries(Array.from({ length: 8 }, (_, n) => [n, 'lost']))] as const) {
      write(i);
      pieces(i, i.one(), data, lost as Readonly<Record<number, 'lost'>>);
      expect(i.heard()).toEqual([]);
      bench.elapse(3 * SECOND);
      const asked = i.one();
      expect(brief(asked)).toMatch(/^R2T 1 /);
      i.fulfil(asked, data);
      expect(i.heard()).toEqual(['GOOD']);
      expect(same(stored(bench, 0, 16), data)).toBe(true);
    }
  });

  it('is waited for as long as it moves', () => {
    const [bench, i] = start();
    const data = some(16);
    const tag = write(i);
    const transfer = targetTransferTag(i.one().header, 0);
    for (let n = 0; n < 8; n += 1) {
      i.dataOut(tag, transfer, n, n * 1024, data.subarray(n * 1024, (n + 1) * 1024), n === 7);
      expect(i.heard()).toEqual(n === 7 ? ['GOOD'] : []);
      bench.elapse(SECOND);
    }
    expect(bench.service.counters.recoveryReadyToTransfers).toBe(0);
  });

  it('is asked for a bounded number of times; then its command fails', () => {
    const [bench, i] = start();
    write(i);
    expect(i.heard()).toEqual(['R2T 0 0+8192']);
    bench.elapse(40 * SECOND);
    const heard = i.heard().filter((words) => words !== 'ping');
    expect(heard).toHaveLength(9);
    expect(heard.at(-1)).toBe(CRC_ERROR);
  });

  it('that breaks the rules fails its command as ever', () => {
    const [, i] = start();
    const tag = write(i);
    const transfer = targetTransferTag(i.one().header, 0);
    i.dataOut(tag, transfer, 0, 1024, some(2), false);
    expect(i.heard()).toEqual([PHASE_ERROR]);
  });

  it('may leave more gaps than are remembered one by one', () => {
    const [bench, i] = start();
    const data = some(512);
    const tag = i.command({ cdb: cdb10(WRITE, 0, 512), write: 262_144 });
    const transfer = targetTransferTag(i.one().header, 0);
    for (let n = 1; n < 512; n += 2) i.dataOut(tag, transfer, n, n * 512, data.subarray(n * 512, (n + 1) * 512), n === 511);
    let heard = i.pdus();
    for (; heard.length === 1 && brief(heard[0]!) !== 'GOOD'; heard = i.pdus()) i.fulfil(heard[0]!, data);
    expect(heard.map(brief)).toEqual(['GOOD']);
    expect(same(stored(bench, 0, 512), data)).toBe(true);
    expect(bench.service.counters.recoveryReadyToTransfers).toBe(64);
  });
});

describe('R2T SNACK (§11.16)', () => {
  it('gives R2Ts again whose data has not come', () => {
    const [bench, i] = start({ MaxOutstandingR2T: '3', MaxBurstLength: '4096' });
    const data = some(16);
    const tag = write(i);
    const [first, second] = i.pdus();
    i.snack(SNACK_DATA_OR_R2T, 0, 1, { task: tag });
    i.snack(SNACK_DATA_OR_R2T, 0, 0, { task: tag });
    const again = i.pdus();
    expect(again.map(({ header }) => header.subarray(0, 28))).toEqual([first, first, second].map((pdu) => pdu!.header.subarray(0, 28)));
    i.fulfil(first!, data);
    i.snack(SNACK_DATA_OR_R2T, 0, 1, { task: tag });
    i.snack(SNACK_DATA_OR_R2T, 1, 2, { task: tag });
    i.snack(SNACK_DATA_OR_R2T, 1, 0, { task: tag });
    expect(i.heard()).toEqual(['reject 4', 'reject 4', 'R2T 1 4096+4096']);
    i.fulfil(second!, data);
    expect(i.heard()).toEqual(['GOOD']);
    expect(same(stored(bench, 0, 16), data)).toBe(true);
  });

  it('one that was given up is sent again, for its number; its data is dropped', () => {
    const [bench, i] = start();
    const data = some(16);
    const tag = write(i);
    const lost = i.one();
    bench.elapse(3 * SECOND);
    const anew = i.one();
    expect(brief(anew)).toBe('R2T 1 0+8192');
    i.snack(SNACK_DATA_OR_R2T, 0, 1, { task: tag });
    expect(i.heard()).toEqual(['R2T 0 0+8192']);
    i.fulfil(lost, some(16, 8));
    expect(i.heard()).toEqual([]);
    i.fulfil(anew, data);
    expect(i.heard()).toEqual(['GOOD']);
    expect(same(stored(bench, 0, 16), data)).toBe(true);
    expect(bench.service.counters.droppedDataOuts).toBe(1);
  });
});

describe('a command that is lost (§7.2.1)', () => {
  it.each(['header', 'data', 'lost'] as const)('by %s: those behind it wait until it comes again', (mishap) => {
    const [bench, i] = start();
    const number = i.numbers.commandSequenceNumber;
    const first = { cdb: cdb10(WRITE, 0, 1), write: 512, data: some(1, 1), commandSequenceNumber: number, taskTag: 70 };
    const second = { ...first, data: some(1, 2), commandSequenceNumber: number + 1, taskTag: 71 };
    i.mishap = mishap;
    i.command(first);
    i.command(second);
    expect(i.heard()).toEqual(mishap === 'data' ? ['reject 2'] : []);
    i.command(first);
    i.command(first);
    expect(i.heard()).toEqual(['GOOD', 'GOOD']);
    expect(same(stored(bench, 0, 1), some(1, 2))).toBe(true);
    i.numbers.commandSequenceNumber = number + 2;
  });
});

describe('a header that fails its digest (§7.8)', () => {
  it('is stepped over, with its data', () => {
    const [bench, i] = start();
    i.mishap = 'header';
    i.nop('x'.repeat(3000));
    i.nop('y', { immediate: true });
    expect(i.heard()).toEqual(['pong y']);
    expect(bench.service.counters).toMatchObject({ headerDigestErrors: 1, formatErrors: 0 });
    expect(bench.news()).toContain('header-digest-error');
    // What was lost holds up the order, until it comes again.
    i.numbers.commandSequenceNumber -= 1;
    i.nop('x');
    expect(i.heard()).toEqual(['pong x']);
  });

  it('twice in a row ends the connection: nothing proves where a PDU begins', () => {
    const [bench, i] = start();
    for (let n = 0; n < 2; n += 1) {
      i.mishap = 'header';
      i.nop('', { immediate: true });
    }
    bench.settle();
    expect(i.stream.closed).toBe(true);
    expect(bench.service.counters).toMatchObject({ headerDigestErrors: 1, formatErrors: 1 });
  });

  it('whose lengths are wrong does so as well', () => {
    const [bench, i] = start();
    const header = new Uint8Array(52);
    header.set([0x40, 0x80]);
    header[7] = 40;
    i.stream.send(header);
    for (let n = 0; n < 3; n += 1) i.nop('', { immediate: true });
    bench.settle();
    expect(i.stream.closed).toBe(true);
  });

  it('at level 0 ends it at once', () => {
    const [bench, i] = start({ ErrorRecoveryLevel: '0' });
    i.mishap = 'header';
    i.nop('', { immediate: true });
    bench.settle();
    expect(i.stream.closed).toBe(true);
    expect(bench.service.counters).toMatchObject({ headerDigestErrors: 0, formatErrors: 1 });
  });
});

describe('a session at level 1 whose connection breaks', () => {
  it('ends (§7.1.5: connection recovery is level 2), and keeps nothing', () => {
    const [bench, i] = start();
    i.command({ cdb: cdb10(READ, 0, 64), read: 32_768 });
    write(i);
    i.heard();
    i.stream.close('cable pulled');
    bench.settle();
    expect([bench.service.sessions().length, bench.service.keptBytes.usedBytes, bench.service.staging.reservedBytes]).toEqual([0, 0, 0]);
  });

  it('a SNACK that is lost itself harms nobody', () => {
    const [, i] = start();
    i.mishap = 'header';
    i.snack(SNACK_STATUS, 0, 0);
    i.nop('a', { immediate: true });
    expect(i.heard()).toEqual(['pong a']);
  });
});
