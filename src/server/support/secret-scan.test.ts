import { describe, expect, it } from 'vitest';
import { seededRng } from '../../base/rng.ts';
import { type KnownSecret, secretScanner } from './secret-scan.ts';

const secret = (text: string, isGuess = false): KnownSecret => ({ bytes: Buffer.from(text), isGuess });
const scanned = (text: string, ...secrets: readonly KnownSecret[]): string =>
  Buffer.from(secretScanner(secrets).scan(Buffer.from(text)).bytes).toString();

describe('looking for secrets', () => {
  it.each([
    ['as it is', 'before hunter2-and-more after', 'before [hidden] after'],
    ['in Base64', `Basic ${Buffer.from('u:hunter2-and-more').toString('base64')}`, 'Basic dTp[hidden]'],
    ['in hexadecimal', `0x${Buffer.from('hunter2-and-more').toString('hex')}!`, '0x[hidden]!'],
    ['as numbers', `[${[...Buffer.from('hunter2-and-more')].join(',')}]`, '[0]'],
    ['twice', 'hunter2-and-morehunter2-and-more', '[hidden][hidden]'],
    ['at the end', 'hunter2-and-more', '[hidden]'],
    ['not at all', 'hunter2-and-mor', 'hunter2-and-mor'],
  ])('finds it %s', (_, text, expected) => expect(scanned(text, secret('hunter2-and-more'))).toBe(expected));

  it('finds it in JSON, which stays JSON', () => {
    const odd = 'a"b\\c\nd ü 🦊 end';
    const found = secretScanner([secret(odd)]).scan(Buffer.from(JSON.stringify({ [odd]: [odd, [...Buffer.from(odd)]] })));
    expect(JSON.parse(Buffer.from(found.bytes).toString())).toEqual({ '[hidden]': ['[hidden]', [0]] });
    expect(found.found).toBe(3);
  });

  it('looks for short ones as whole words', () => {
    expect(scanned('pass passage by_pass pass.', secret('pass'))).toBe('[hidden] passage by_pass [hidden].');
    expect(scanned('abc', secret('abc'))).toBe('abc');
  });

  it('leaves words of the schema that somebody wrote where a secret belongs', () => {
    expect(scanned('memory and 192.0.2.1', secret('memory', true), secret('192.0.2.1', true))).toBe('memory and 192.0.2.1');
    expect(scanned('memory', secret('memory'))).toBe('[hidden]');
  });

  it('knows a long one by its head, as messages cite it', () => {
    const long = 'x1'.repeat(100);
    expect(scanned(`${long.slice(0, 57)}...`, secret(long))).not.toContain('x1'.repeat(10));
  });

  it('keeps the length of bytes', () => {
    const { bytes, found } = secretScanner([secret('hunter2-and-more')]).scan(Buffer.from('\u0001hunter2-and-more\u0002'), true);
    expect([Buffer.from(bytes).toString(), found]).toEqual(['\u0001xxxxxxxxxxxxxxxx\u0002', 1]);
  });

  it('takes thousands of secrets over megabytes', () => {
    const rng = seededRng(1);
    const random = (): string => Buffer.from(rng.fill(new Uint8Array(18))).toString('base64');
    const secrets = Array.from({ length: 1000 }, random);
    const text = `{"a":1234567890,"b":[1,2,3,4,5,6,7,8,9,10,11,12]}\n`.repeat(20_000);
    const { found } = secretScanner(secrets.map((one) => secret(one))).scan(Buffer.from(`${text}${secrets.join('\n')}\n${text}`));
    expect(found).toBe(1000);
  });
});
