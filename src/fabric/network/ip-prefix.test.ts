import { describe, expect, it } from 'vitest';
import { address } from '../../wire/ip/address.ts';
import { parseInterfaceAddress, parseNetwork, parseUnicast } from './ip-prefix.ts';
import { isMistake } from '../parsed.ts';

const remedy = (parsed: ReturnType<typeof parseInterfaceAddress>): string | undefined => (isMistake(parsed) ? parsed.remedy : undefined);

describe('parseInterfaceAddress', () => {
  it.each([
    ['192.0.2.11/24', '192.0.2.11', 24],
    [' 192.0.2.11/32 ', '192.0.2.11', 32],
    ['2001:DB8::11/64', '2001:db8::11', 64],
    ['fe80::1/128', 'fe80::1', 128],
    ['2001:db8::/64', '2001:db8::', 64],
  ])('%s', (written, text, bits) => {
    expect(parseInterfaceAddress(written)).toEqual({ value: { address: address(text), bits } });
  });

  it('needs the length of the network, and says which is usual', () => {
    expect(remedy(parseInterfaceAddress('192.0.2.11'))).toBe('Write `192.0.2.11/24`, or another length from 1 to 32.');
    expect(remedy(parseInterfaceAddress('2001:db8::1/129'))).toBe('Write `2001:db8::1/64`, or another length from 1 to 128.');
  });

  it.each(['192.0.2.11/33', '192.0.2.11/0', '192.0.2.11/', '192.0.2.11/x', 'esx1/24', '192.0.2/24', '', '/24', '0.0.0.0/8', '::/64'])(
    '%s is none',
    (written) => {
      expect(parseInterfaceAddress(written)).toHaveProperty('wrong');
    },
  );

  it.each(['127.0.0.1/8', '::1/128', '224.0.0.1/24', 'ff02::1/64'])('%s is that of no interface', (written) => {
    expect(parseInterfaceAddress(written)).toHaveProperty('wrong', expect.stringContaining("can't be the address"));
  });
});

describe('parseNetwork', () => {
  it.each([
    ['0.0.0.0/0', '0.0.0.0', 0],
    ['::/0', '::', 0],
    ['198.51.100.0/24', '198.51.100.0', 24],
  ])('%s', (written, text, bits) => {
    expect(parseNetwork(written)).toEqual({ value: { address: address(text), bits } });
  });

  it.each(['default', '198.51.100.0', '198.51.100.0/33', '::/129', ''])('%s is none', (written) => {
    expect(parseNetwork(written)).toHaveProperty('wrong');
  });
});

describe('parseUnicast', () => {
  it('is any machine', () => {
    expect(parseUnicast('192.0.2.1')).toEqual({ value: address('192.0.2.1') });
    expect(parseUnicast('2001:db8::1')).toEqual({ value: address('2001:db8::1') });
  });

  it.each(['192.0.2.1/24', '0.0.0.0', '::', '224.0.0.1', 'ff02::1', 'esx1', ''])('%s is not', (written) => {
    expect(parseUnicast(written)).toHaveProperty('wrong');
  });
});
