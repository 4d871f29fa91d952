/** Lengths of time as people write them: `5us`, `500ms`, `15s`, `2m`, `1h`. */
import { MICROSECOND, MILLISECOND, type Nanos, SECOND } from '../base/clock.ts';
import { mistake, type Parsed } from './parsed.ts';

const UNIT_NANOS: Readonly<Record<string, Nanos>> = {
  ns: 1,
  us: MICROSECOND,
  ms: MILLISECOND,
  s: SECOND,
  m: 60 * SECOND,
  h: 3600 * SECOND,
};

const DURATION_NANOS_MAX: Nanos = 24 * 3600 * SECOND;

const EXAMPLES = 'Write a number with a unit: `500ms`, `15s`, `2m` or `1h`.';

export function parseDuration(written: string): Parsed<Nanos> {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)\s*([a-z]+)$/.exec(written.trim());
  const unit = match === null ? undefined : UNIT_NANOS[match[2]!];
  if (match === null || unit === undefined) return mistake(`\`${written}\` is not a length of time.`, EXAMPLES);
  const nanos = Math.round(Number(match[1]) * unit);
  if (nanos > DURATION_NANOS_MAX) return mistake(`\`${written}\` is too long.`, 'The most is `24h`.');
  return { value: nanos };
}
