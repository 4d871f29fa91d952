/** Pages and answers in words (SPC-5 §7.5, §7.8, SBC-4 §5.6, §6.5-6.6): as tgt gave them, and byte by byte as the standards have it. */
import { assert, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError, fromHex, hex } from '../../base/bytes.ts';
import * as cdbs from './cdb.ts';
import { decodeLbaStatus } from './lba-status-data.ts';
import { describeModes } from './mode-words.ts';
import { describeVpdPage, vpdPageName } from './vpd-words.ts';

const fields = (page: string): Record<string, string> => Object.fromEntries(describeVpdPage(fromHex(page)).fields);

describe('vital product data', () => {
  it('pages of tgt', () => {
    expect(describeVpdPage(fromHex('00000006008083b0b1b2'))).toEqual({
      name: 'Supported VPD Pages',
      fields: [
        ['00h', 'Supported VPD Pages'],
        ['80h', 'Unit Serial Number'],
        ['83h', 'Device Identification'],
        ['B0h', 'Block Limits'],
        ['B1h', 'Block Device Characteristics'],
        ['B2h', 'Logical Block Provisioning'],
      ],
    });
    expect(fields('00800024202020202020202020202020202020202020202020202020202020202020626561663132')).toEqual({
      'serial number': 'beaf12',
    });
    expect(
      describeVpdPage(
        fromHex(
          '00830048020100244945542020202020303030313030303200000000000000000000000000000000000000000103000830000001000000020103001060000000000000000e00000000010002',
        ),
      ).fields,
    ).toEqual([
      ['T10 vendor ID (logical unit)', 'IET     00010002'],
      ['NAA (logical unit)', '3000000100000002'],
      ['NAA (logical unit)', '60000000000000000e00000000010002'],
    ]);
    expect(fields(`00b0003c0080${'00'.repeat(14)}ffffffffffffffff${'00'.repeat(36)}`)).toMatchObject({
      'longest transfer': 'not reported',
      'longest COMPARE AND WRITE': '128 blocks',
      'most blocks of one UNMAP': 'unlimited',
      'most ranges of one UNMAP': 'unlimited',
    });
    expect(fields('00b2000400e40200')).toEqual({
      provisioning: 'thin',
      'blocks are given back by': 'UNMAP, WRITE SAME(16), WRITE SAME(10)',
      'unmapped blocks read as': 'zeros',
      'anchored blocks': 'no',
      'threshold set size': 'no thresholds',
    });
  });

  it('block limits, each field at its place, of long pages and short ones', () => {
    const page =
      '00b0003c 01 02 0003 00000004 00000005 00000006 00000007 00000001 00000009 8000000a 000000000000000b 0000000c 0000000d 0000000e 00000000 00000000';
    expect(fields(page)).toEqual({
      'longest transfer': '4 blocks',
      'optimal transfer': '5 blocks',
      'optimal transfer granularity': '3 blocks',
      'longest prefetch': '6 blocks',
      'longest COMPARE AND WRITE': '2 blocks',
      'longest WRITE SAME': '11 blocks',
      'most blocks of one UNMAP': '7 blocks',
      'most ranges of one UNMAP': '1',
      'optimal UNMAP granularity': '9 blocks',
      'UNMAP alignment': 'block 10',
      'longest atomic write': '12 blocks',
      'atomic alignment': '13 blocks',
      'atomic granularity': '14 blocks',
    });
    expect(Object.keys(fields('00b0000c 0000 0000 00000100 00000001'))).toEqual([
      'longest transfer',
      'optimal transfer',
      'optimal transfer granularity',
      'longest COMPARE AND WRITE',
    ]);
  });

  it('what a disk is made of', () => {
    expect(fields(`00b1003c 1c20 00 02 01${'00'.repeat(55)}`)).toEqual({
      medium: '7,200 rpm',
      'form factor': '3.5 inch',
      zones: 'not reported',
      'unmapped blocks can be verified (VBULS)': 'yes',
    });
    expect(fields('00b10005 0001 00 03 10')).toMatchObject({ medium: 'does not rotate', 'form factor': '2.5 inch', zones: 'host aware' });
    expect(() => fields('00b10004 0001 00 03')).toThrow(DecodeError);
    // SBC-4 §6.6.7: LBPRZ 010b is a pattern, and no zeros.
    expect(fields('00b20004 09 c8 01 00')).toMatchObject({
      provisioning: 'resource',
      'unmapped blocks read as': 'what the device puts there',
      'threshold set size': '2^9 blocks',
    });
  });

  it('attributes and caches', () =>
    expect(fields(`0086003c 07 05 0b 01 0000000000 fc${'00'.repeat(50)}`)).toEqual({
      'task attributes': 'simple, head of queue',
      'protection checks': 'guard, application tag, reference tag',
      caches: 'volatile, non-volatile',
      'write uncorrectable': 'yes',
      'clears only the nexus lost (LUICLR)': 'yes',
      'longest sense data': '252 bytes',
    }));

  it('third-party copy: which descriptors', () =>
    expect(describeVpdPage(fromHex('008f0014 0001000483028384 0004000412345678 12340000')).fields).toEqual([
      ['Supported Commands', '4 bytes'],
      ['Parameter Data', '4 bytes'],
      ['descriptor 1234h', '0 bytes'],
    ]));

  it('pages of others have names at most', () => {
    expect(describeVpdPage(fromHex('008800020102'))).toEqual({ name: 'SCSI Ports', fields: [] });
    expect([vpdPageName(0xc3), vpdPageName(0xb0)]).toEqual(['Page C3h', 'Block Limits']);
  });
});

describe('mode pages', () => {
  it('of tgt', () => {
    // With a block descriptor, and a device-specific parameter that says WP and DPOFUA.
    const bytes = fromHex(
      `0000009000000008 0000800000001000 0000 08121400ffff0000ffffffff8014000000000000 0a0a02100000000000000200 4a01001c04${'00'.repeat(27)} 1c0a08000000000000000000`,
    );
    bytes[1] = bytes.length - 2;
    const modes = describeModes(bytes);
    expect([modes.writeProtected, modes.forceUnitAccess]).toEqual([true, true]);
    expect(modes.pages.map(({ page, subpage, name }) => [page, subpage, name])).toEqual([
      [0x00, 0, 'Page 00h'],
      [0x08, 0, 'Caching'],
      [0x0a, 0, 'Control'],
      [0x0a, 1, 'Page 0Ah subpage 01h'],
      [0x1c, 0, 'Informational Exceptions Control'],
    ]);
    expect(Object.fromEntries(modes.pages[1]!.fields)).toEqual({ 'write cache (WCE)': 'on', 'read cache (RCD)': 'on' });
    expect(Object.fromEntries(modes.pages[4]!.fields)).toEqual({ exceptions: 'off', 'reported by method (MRIE)': '0' });
  });

  it('control, bit by bit', () => {
    const [page] = describeModes(fromHex('0012000000000000 0a0a 24 06 08 40 000000000000')).pages;
    expect(Object.fromEntries(page!.fields)).toEqual({
      'task set (TST)': 'one an initiator',
      'sense data (D_SENSE)': 'descriptor format',
      'other commands after an error (QERR)': 'are aborted, of the same initiator',
      'write protected by software (SWP)': 'yes',
      'aborted commands are told (TAS)': 'yes',
    });
  });

  it('a list that was cut shows its whole pages', () =>
    expect(describeModes(fromHex('00ff000000000000 0802 0400 0a0a 02')).pages.length).toBe(1));
});

describe('GET LBA STATUS', () => {
  it('the CDB', () => expect(hex(cdbs.getLbaStatus(0x0102030405, 0x1000))).toBe('9e120000000102030405000010000000'));

  it('runs (tgt)', () =>
    expect(decodeLbaStatus(fromHex('0000002400000000 00000000000000100000000100000000 00000000000000110000191001000000'))).toEqual([
      { lba: 16, blocks: 1, status: 'mapped' },
      { lba: 17, blocks: 0x1910, status: 'deallocated' },
    ]));

  it('runs that no disk has', () => {
    expect(decodeLbaStatus(fromHex('0000002400000000 00000000000000000000000002000000 00000000000000000000000209000000'))).toEqual([
      { lba: 0, blocks: 2, status: 'other' },
    ]);
    expect(() => decodeLbaStatus(fromHex('0000001400000000 ffffffffffffffff0000000100000000'))).toThrow(DecodeError);
    expect(() => decodeLbaStatus(fromHex('00000014'))).toThrow(DecodeError);
  });
});

it('arbitrary bytes give words or a DecodeError', () =>
  assert(
    property(uint8Array({ maxLength: 100 }), (bytes) => {
      for (const code of [0x00, 0x80, 0x83, 0x86, 0x8f, 0xb0, 0xb1, 0xb2, bytes[1] ?? 0]) {
        const page = bytes.slice();
        if (page.length > 1) page[1] = code;
        for (const decode of [describeVpdPage, describeModes, decodeLbaStatus]) {
          try {
            decode(page);
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
          }
        }
      }
    }),
  ));
