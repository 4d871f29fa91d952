/** What an initiator sends and reads (SPC-5, SBC-4): CDBs byte by byte, and answers, some of which tgt gave. */
import { assert, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError, fromHex, hex } from '../../base/bytes.ts';
import { decodeBlockLimits, decodeCapacity10, decodeCapacity16, decodeProvisioning } from './capacity-data.ts';
import * as cdbs from './cdb.ts';
import { decodeDesignators, decodeSerialNumber, decodeStandardInquiry, decodeSupportedPages, unitName } from './inquiry-data.ts';
import { decodeLunList } from './lun-list.ts';
import { decodePortGroups, decodePortGroupsReport, setPortGroupsList } from './port-groups-data.ts';

describe('CDBs', () => {
  it.each([
    ['TEST UNIT READY', cdbs.testUnitReady(), '000000000000'],
    ['INQUIRY', cdbs.inquiry(undefined, 96), '120000006000'],
    ['INQUIRY of a page', cdbs.inquiry(0x83, 0x1234), '120183123400'],
    ['READ CAPACITY(10)', cdbs.readCapacity10(), '25000000000000000000'],
    ['READ CAPACITY(16)', cdbs.readCapacity16(32), '9e100000000000000000000000200000'],
    ['REPORT LUNS', cdbs.reportLuns(0x4000, 2), 'a00002000000000040000000'],
    ['READ(10)', cdbs.read(0x01020304, 0x0506), '28000102030400050600'],
    ['READ(10) with FUA, of the last block it can name', cdbs.read(0xffffffff, 1, true), '2808ffffffff00000100'],
    ['READ(16) of one block more', cdbs.read(0xffffffff, 2), '880000000000ffffffff000000020000'],
    ['READ(16) of many', cdbs.read(7, 65536), '88000000000000000007000100000000'],
    ['WRITE(10)', cdbs.write(1, 65535), '2a000000000100ffff00'],
    ['WRITE(16)', cdbs.write(0x123456789a, 8, true), '8a08000000123456789a000000080000'],
    ['VERIFY(10) with data', cdbs.verify(5, 6, 1), '2f020000000500000600'],
    ['SYNCHRONIZE CACHE(10)', cdbs.synchronizeCache(), '35000000000000000000'],
    ['SYNCHRONIZE CACHE(16)', cdbs.synchronizeCache(0x100000000, 1), '91000000000100000000000000010000'],
    ['WRITE SAME(16)', cdbs.writeSame(9, 10, { unmap: true, noDataOut: true }), '930900000000000000090000000a0000'],
    ['COMPARE AND WRITE', cdbs.compareAndWrite(9, 10), '890000000000000000090000000a0000'],
    ['UNMAP', cdbs.unmap(40), '42000000000000002800'],
    ['REPORT TARGET PORT GROUPS', cdbs.reportTargetPortGroups(1024), 'a30a00000000000004000000'],
    ['SET TARGET PORT GROUPS', cdbs.setTargetPortGroups(8), 'a40a00000000000000080000'],
    ['MODE SENSE(10)', cdbs.modeSense10(0x3f, 0xff, 0x1000, 2), '5a00bfff000000100000'],
    ['PERSISTENT RESERVE IN', cdbs.persistentReserveIn(1, 0x100), '5e010000000000010000'],
    ['PERSISTENT RESERVE OUT', cdbs.persistentReserveOut(1, 5, 24), '5f010500000000001800'],
    ['START STOP UNIT', cdbs.startStopUnit(true, true), '1b0000000300'],
    ['REQUEST SENSE', cdbs.requestSense(252, true), '03010000fc00'],
  ])('%s', (_, cdb, bytes) => expect(hex(cdb)).toBe(bytes));

  it('the list of UNMAP', () =>
    expect(
      hex(
        cdbs.unmapList([
          { lba: 1, blocks: 2 },
          { lba: 0x100000000, blocks: 3 },
        ]),
      ),
    ).toBe('00260020000000000000000000000001000000020000000000000001000000000000000300000000'));

  it('have names, and those that do no harm twice are known', () => {
    expect(cdbs.commandName(cdbs.write(0, 1))).toBe('WRITE(10)');
    expect(cdbs.commandName(Uint8Array.of(0xc7))).toBe('command C7h');
    expect([cdbs.write(0, 1), cdbs.read(2 ** 33, 1), cdbs.unmap(0)].map(cdbs.isIdempotent)).toEqual([true, true, true]);
    expect([cdbs.compareAndWrite(0, 1), cdbs.persistentReserveOut(0, 0, 24), Uint8Array.of(0xc7)].map(cdbs.isIdempotent)).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe('answers', () => {
  it('standard INQUIRY data (tgt)', () =>
    expect(decodeStandardInquiry(fromHex('000005123d00000249455420202020205649525455414c2d4449534b2020202030303031'))).toMatchObject({
      qualifier: 0,
      deviceType: 0,
      removable: false,
      version: 5,
      vendor: 'IET',
      product: 'VIRTUAL-DISK',
      revision: '0001',
    }));

  it('no control characters of a device reach a terminal', () => {
    const bytes = fromHex('000005023d000002'.padEnd(72, '1b'));
    expect(decodeStandardInquiry(bytes).vendor).toBe('');
  });

  it('capacities', () => {
    expect(decodeCapacity10(fromHex('0001ffff00000200'))).toMatchObject({ blocks: 131072, blockBytes: 512, thin: false });
    expect(decodeCapacity10(fromHex('ffffffff00001000'))).toBeUndefined();
    expect(decodeCapacity16(fromHex('00000001000000000000100000 03 c000'.padEnd(66, '0')))).toEqual({
      blocks: 0x100000001,
      blockBytes: 4096,
      physicalBlocks: 8,
      thin: true,
      unmappedReadsZeros: true,
    });
    for (const text of ['000000000000000000000000', '00000000000000000fffffff', 'ffffffffffffffff00000200'])
      expect(() => decodeCapacity16(fromHex(text))).toThrow(DecodeError);
  });

  it('limits and provisioning, of long pages and short ones', () => {
    const page = fromHex(
      '00b0003c 0180 0008 00010000 00000200 00000000 00400000 00000100 00000008 80000000 0000000000010000'.concat('00'.repeat(20)),
    );
    expect(decodeBlockLimits(page)).toEqual({
      compareAndWriteBlocksMax: 128,
      transferBlocksMax: 65536,
      optimalTransferBlocks: 512,
      unmapBlocksMax: 0x400000,
      unmapDescriptorsMax: 256,
      unmapGranularityBlocks: 8,
      writeSameBlocksMax: 65536,
    });
    expect(decodeBlockLimits(fromHex('00b0000c 0000 0000 00000100 00000010'))).toMatchObject({
      transferBlocksMax: 256,
      writeSameBlocksMax: 0,
    });
    expect(decodeProvisioning(fromHex('00b20004 00e40200'))).toEqual({ byUnmap: true, byWriteSame16: true, readsZeros: true });
    expect(decodeProvisioning(fromHex('00b20000'))).toEqual({ byUnmap: false, byWriteSame16: false, readsZeros: false });
  });

  it('designators, and the best name among them (tgt; SPC-5 §7.8.6)', () => {
    const own = '02010024494554202020202030303031303030310000000000000000000000000000000000000000';
    const page = fromHex(`00830048${own}010300083000000100000001 0103001060000000000000000e00000000010001`);
    const designators = decodeDesignators(page);
    expect(designators.map(({ kind, of }) => [kind, of])).toEqual([
      ['t10', 'unit'],
      ['naa', 'unit'],
      ['naa', 'unit'],
    ]);
    expect(unitName(designators)).toBe('naa.3000000100000001');
    expect(unitName(designators.slice(0, 1))).toBe('t10.IET_00010001');
    expect(unitName([])).toBeUndefined();
    expect(decodeDesignators(fromHex('00830010 5194000400000002 51950004 00000003'))).toEqual([
      { kind: 'relative-port', of: 'port', value: '2' },
      { kind: 'port-group', of: 'port', value: '3' },
    ]);
    expect(() => decodeDesignators(fromHex('00830004 01030008'))).toThrow(DecodeError);
  });

  it('serial number and supported pages', () => {
    expect(decodeSerialNumber(fromHex('00800008 2020204142433132'))).toBe('ABC12');
    expect(decodeSupportedPages(fromHex('00000003 008083'))).toEqual([0, 0x80, 0x83]);
    expect(() => decodeSerialNumber(fromHex('00830000'))).toThrow(DecodeError);
  });

  it('LUNs: of one level, and how many others', () =>
    expect(decodeLunList(fromHex('00000020 00000000 0000000000000000 0005000000000000 4123000000000000 c101000000000000'))).toEqual({
      luns: [0, 5, 0x123],
      others: 1,
      wholeBytes: 40,
    }));

  it('target port groups, and how to set them', () => {
    expect(decodePortGroups(fromHex('00000018 80 0f 0001 00 00 00 02 00000001 00000002 0f 8f 0002 00 00 00 00'))).toEqual([
      { group: 1, state: 'active-optimized', preferred: true, ports: [1, 2] },
      { group: 2, state: 'transitioning', preferred: false, ports: [] },
    ]);
    expect(() => decodePortGroups(fromHex('00000008 800f000100000002'))).toThrow(DecodeError);
    expect(
      hex(
        setPortGroupsList([
          { group: 258, state: 'standby' },
          { group: 1, state: 'active-optimized' },
        ]),
      ),
    ).toBe('000000000200010200000001');
  });

  it('target port groups behind the extended header, which tells how long a transition takes', () => {
    const groups = [{ group: 1, state: 'standby', preferred: false, ports: [7] }];
    const long = fromHex('00000010 10 1e 0000 02 0f 0001 00 00 00 01 00000007');
    expect(decodePortGroupsReport(long, true)).toEqual({ groups, transitionSeconds: 30, wholeBytes: 20 });
    const untold = fromHex('00000010 10 00 0000 02 0f 0001 00 00 00 01 00000007');
    expect(decodePortGroupsReport(untold, true).transitionSeconds).toBeUndefined();
    // A device that doesn't know the format answers with the short header.
    const short = fromHex('0000000c 02 0f 0001 00 00 00 01 00000007');
    for (const extended of [true, false])
      expect(decodePortGroupsReport(short, extended)).toEqual({ groups, transitionSeconds: undefined, wholeBytes: 16 });
  });

  it('target port groups that were cut short: with the ports that are there, and how much there would be', () => {
    const cut = fromHex('00000018 02 0f 0001 00 00 00 01 00000007 00 0f 0002 00 00 00 02 00');
    const groups = [
      { group: 1, ports: [7] },
      { group: 2, ports: [] },
    ];
    expect(decodePortGroupsReport(cut, false)).toMatchObject({ groups, wholeBytes: 28 });
    expect(() => decodePortGroupsReport(fromHex('000000'), false)).toThrow(DecodeError);
    // As Linux 6.1's target sends it, asked for the extended header.
    const linux = fromHex('000000181000000000cf0001000000010000000100cf000200000001');
    expect(decodePortGroupsReport(linux, true).groups).toEqual([
      { group: 1, state: 'active-optimized', preferred: false, ports: [1] },
      { group: 2, state: 'active-optimized', preferred: false, ports: [] },
    ]);
  });

  it('of any bytes are a value or a DecodeError', () => {
    const decoders = [
      decodeStandardInquiry,
      decodeCapacity10,
      decodeCapacity16,
      decodeBlockLimits,
      decodeProvisioning,
      decodeDesignators,
      decodeSerialNumber,
      decodeSupportedPages,
      decodeLunList,
      decodePortGroups,
      (bytes: Uint8Array) => decodePortGroupsReport(bytes, true),
    ];
    assert(
      property(uint8Array({ maxLength: 80 }), (bytes) => {
        for (const decode of decoders) {
          try {
            decode(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
          }
        }
      }),
    );
  });
});
