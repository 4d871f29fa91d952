import { describe, expect, it } from 'vitest';
import { parseIscsiName } from './iscsi-name.ts';

const nameOf = (length: number): string => `iqn.2026-01.net.example:${'x'.repeat(length - 24)}`;

describe('parseIscsiName (RFC 7143 §4.2.7)', () => {
  it.each([
    'iqn.2001-04.com.example:storage:diskarrays-sn-a8675309',
    'iqn.2001-04.com.example',
    'iqn.2001-04.com.example:storage.tape1.sys1.xyz',
    'iqn.1994-05.com.redhat:a1b2c3',
    'iqn.2026-01.net.example:größe',
    'eui.02004567a425678d',
    'naa.52004567ba64678d',
    'naa.62004567ba64678d0123456789abcdef',
  ])('%s', (name) => {
    expect(parseIscsiName(name)).toEqual({ value: name });
  });

  it.each([
    ['iqn.2026-01.net.example:Disk', 'iqn.2026-01.net.example:disk'],
    ['eui.02004567A425678D', 'eui.02004567a425678d'],
    ['iqn.2026-01.net.example:my_disk 1', 'iqn.2026-01.net.example:my-disk-1'],
    ['iqn.2026-13.net.example:disk', '`2026-01`'],
    ['iqn.26-1.net.example', '`2026-01`'],
    ['iqn.2026-01', 'iqn.2026-01.net.example:disk1'],
    ['iqn.2026-01.net..example:disk', '`net.example`'],
    ['disk1', 'iqn.2026-01.net.example:disk1'],
    ['eui.1234', '16 hexadecimal'],
    ['naa.1234', '16 or 32 hexadecimal'],
    [`iqn.2026-01.net.example:${'x'.repeat(200)}`, 'Shorten'],
    ['', 'iqn.2026-01.net.example:disk1'],
  ])('%s is refused, with something better', (name, better) => {
    expect(parseIscsiName(name)).toMatchObject({ remedy: expect.stringContaining(better) });
  });

  it('counts bytes, not characters: 223 of them (§4.2.7.1)', () => {
    expect(parseIscsiName(nameOf(223))).toHaveProperty('value');
    expect(parseIscsiName(nameOf(224))).toHaveProperty('wrong');
    expect(parseIscsiName(`iqn.2026-01.net.example:${'ö'.repeat(100)}`)).toHaveProperty('wrong');
  });
});
