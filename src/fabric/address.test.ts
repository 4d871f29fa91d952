import { assert, ipV6, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalIpv6, formatAddress, isLoopback, parseAnnounceAddress, parseListenAddress, type PortalAddress } from './address.ts';

const listen = (written: string): PortalAddress => {
  const parsed = parseListenAddress(written);
  if ('wrong' in parsed) throw new Error(parsed.wrong);
  return parsed.value;
};

describe('parseListenAddress', () => {
  it.each([
    ['127.0.0.1:3260', { host: '127.0.0.1', family: 'ipv4', port: 3260 }],
    ['127.0.0.1', { host: '127.0.0.1', family: 'ipv4', port: undefined }],
    ['0.0.0.0:0', { host: '0.0.0.0', family: 'ipv4', port: 0 }],
    ['[::1]:3260', { host: '::1', family: 'ipv6', port: 3260 }],
    ['[2001:DB8:0:0:0::7]', { host: '2001:db8::7', family: 'ipv6', port: undefined }],
    ['[fe80::1%eth0]:3260', { host: 'fe80::1%eth0', family: 'ipv6', port: 3260 }],
  ])('%s', (written, expected) => {
    expect(listen(written)).toEqual(expected);
  });

  it.each([
    ['localhost:3260', '`127.0.0.1:3260`'],
    ['::1:3260', '`[::1]:3260`'],
    ['fe80::abcd', '`[fe80::abcd]:3260`'],
    ['*:3260', '`0.0.0.0:3260`'],
    [':3260', '`127.0.0.1:3260`'],
    ['storage.example:3260', '`127.0.0.1:3260`'],
    ['127.0.0.1:65536', '0 to 65535'],
    ['127.0.0.1:', '0 to 65535'],
    ['127.0.0.1:iscsi', '0 to 65535'],
    ['127.0.0.256:3260', '`127.0.0.1:3260`'],
    ['127.0.0.01:3260', '`127.0.0.1:3260`'],
    ['127.1:3260', '`127.0.0.1:3260`'],
    ['[::1:3260', 'brackets'],
    ['[::g]:3260', '`[::1]:3260`'],
    ['', '`127.0.0.1:3260`'],
  ])('%s is refused, with something better', (written, better) => {
    const parsed = parseListenAddress(written);
    expect(`${(parsed as { wrong: string }).wrong} ${(parsed as { remedy: string }).remedy}`).toContain(better);
  });
});

describe('parseAnnounceAddress', () => {
  it('takes names, which initiators resolve', () => {
    expect(parseAnnounceAddress('Storage.example:3260')).toEqual({ value: { host: 'storage.example', family: 'name', port: 3260 } });
  });

  it.each(['0.0.0.0:3260', '[::]:3260', '192.0.2.1:0', 'a b:1', '-x:1'])('%s is nothing to connect to', (written) => {
    expect(parseAnnounceAddress(written)).toHaveProperty('wrong');
  });
});

describe('canonicalIpv6', () => {
  // RFC 5952 §4.
  it.each([
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8::1:0:0:1', '2001:db8::1:0:0:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::ffff:127.0.0.1', '::ffff:7f00:1'],
  ])('%s', (written, canonical) => {
    expect(canonicalIpv6(written)).toBe(canonical);
  });

  it.each(['1:2:3', '1:2:3:4:5:6:7:8:9', '::1::', '1:2:3:4:5:6:7:8::', ':::', '::12345', '::1.2.3', 'x'])('%s is none', (written) => {
    expect(canonicalIpv6(written)).toBeUndefined();
  });

  it('is a fixed point, for every address', () => {
    assert(
      property(ipV6(), (address) => {
        const canonical = canonicalIpv6(address);
        expect(canonical).toBeDefined();
        expect(canonicalIpv6(canonical!)).toBe(canonical);
        expect(listen(formatAddress(canonical!, 1)).host).toBe(canonical);
      }),
    );
  });
});

describe('isLoopback', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.8.9.10', true],
    ['[::1]', true],
    ['[::ffff:127.0.0.1]', true],
    ['0.0.0.0', false],
    ['[::]', false],
    ['[::ffff:192.0.2.1]', false],
    ['128.0.0.1', false],
  ])('%s: %s', (written, expected) => {
    expect(isLoopback(listen(written))).toBe(expected);
  });
});
