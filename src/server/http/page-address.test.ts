import { expect, it } from 'vitest';
import { choosePage } from './page-address.ts';

const choose = (written?: string, token?: string): unknown => {
  try {
    const { host, port, isLoopback, wasAsked } = choosePage(written, { SAMEWIRE_PAGE_TOKEN: token });
    return `${host} ${port}${isLoopback ? '' : ' for all'}${wasAsked ? '' : ' as usual'}`;
  } catch (error) {
    return (error as Error).message;
  }
};

it('is the usual place unless another is asked for', () => {
  expect(choose()).toBe('127.0.0.1 8326 as usual');
  expect(choose('127.0.0.1')).toBe('127.0.0.1 8326');
  expect(choose('127.9.9.9:80')).toBe('127.9.9.9 80');
  expect(choose('[::1]:0')).toBe('::1 0');
  expect(choose('[::ffff:127.0.0.1]:1')).toMatch(/^::ffff:\S+ 1$/);
  expect(choose('localhost')).toBe('localhost 8326');
  expect(choose('localhost:0')).toBe('localhost 0');
});

it('is nowhere that others reach without a token that somebody chose', () => {
  for (const written of ['0.0.0.0:8326', '[::]:8326', '192.0.2.1', '[2001:db8::1]:80', '128.0.0.1'])
    for (const token of [undefined, ''])
      expect(choose(written, token)).toMatch(/could be reached from other machines: set SAMEWIRE_PAGE_TOKEN/);
  expect(choose('0.0.0.0:8326', 'sixteen-letters.')).toBe('0.0.0.0 8326 for all');
});

it('takes no token that is short, or that no header can hold, and does not repeat it', () => {
  for (const token of [
    'hunter2',
    'x'.repeat(15),
    'x'.repeat(201),
    'correct horse battery staple',
    'hunter2,hunter2,hunter2',
    'hüüüüüüüüüüüünter2',
  ]) {
    expect(choose(undefined, token)).toMatch(/^SAMEWIRE_PAGE_TOKEN takes a token of 16 to 200 characters/);
    expect(choose('0.0.0.0:1', token)).not.toContain(token);
  }
});

it('is an address', () => {
  for (const written of [
    '',
    'rack.example:8326',
    '::1:8326:',
    '127.0.0.1:70000',
    ':8326',
    '127.0.0.1:x',
    'localhost.evil.example',
    'x'.repeat(1000),
  ])
    expect(choose(written, 'sixteen-letters.')).toContain('is no address for the page');
});
