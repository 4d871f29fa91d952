import { expect, it } from 'vitest';
import { commonSpeed, type PortSpeeds } from './port-speeds.ts';

const these = (...speeds: number[]): PortSpeeds => ({ these: speeds, most: speeds.at(-1)! });
const upTo = (most: number): PortSpeeds => ({ these: undefined, most });
const any = upTo(Number.POSITIVE_INFINITY);

it.each([
  ['two lists', these(1, 10), these(10, 40), 10],
  ['nothing in common', these(10), these(1, 40), undefined],
  ['a list and a limit', these(10, 40), upTo(25), 10],
  ['a list above the limit', these(10, 40), upTo(1), undefined],
  ['two limits', upTo(25), upTo(100), 25],
  ['a list and anything', these(1, 10), any, 10],
  ['anything', any, any, Number.POSITIVE_INFINITY],
])('%s', (_, one, other, speed) => {
  expect(commonSpeed(one, other)).toBe(speed);
  expect(commonSpeed(other, one)).toBe(speed);
});
