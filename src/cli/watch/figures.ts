/** Figures that change each second, in few columns: five digits or four and a prefix, never wider than six characters. */
import { timeText } from '../iscsi/bench-report.ts';
import type { Style } from './fit.ts';

const PREFIXES = ['', 'k', 'M', 'G', 'T'];

/** `0`, `12345`, `123k`, `1.25M`. */
export function countText(value: number): string {
  let [rest, prefix] = [Math.max(0, value), 0];
  if (Math.round(rest) <= 99_999) return String(Math.round(rest));
  for (; rest >= 999.5 && prefix < PREFIXES.length - 1; prefix += 1) rest /= 1000;
  return `${Number(rest.toPrecision(3))}${PREFIXES[prefix]}`;
}

/** One place behind the point below a hundred: `0`, `0.4`, `12.3`, `456`. */
export const decimalText = (value: number): string =>
  value > 0 && value < 0.05 ? '0.0' : value < 99.95 ? String(Number(Math.max(0, value).toFixed(1))) : countText(value);

/** In powers of ten, as disks and networks are sold. */
export const megabytesText = (bytesPerSecond: number): string => decimalText(bytesPerSecond / 1e6);

/** Two places: links of 10 Gb/s with a few Mb/s on them are not idle. */
export const gigabitsText = (bitsPerSecond: number): string => {
  const value = bitsPerSecond / 1e9;
  return value > 0 && value < 9.995 ? value.toFixed(2) : decimalText(value);
};

/** Share of a rate: `0%`, `0.3%`, `57%`. */
export function loadText(load: number): string {
  const percent = load * 100;
  return percent === 0 ? '0%' : percent < 0.1 ? '<0.1%' : percent < 9.95 ? `${percent.toFixed(1)}%` : `${Math.round(percent)}%`;
}

/** `87.3µs`; a dash where no command ended. */
export function latencyText(nanos: number, { unicode }: Style): string {
  const text = nanos === 0 ? '-' : timeText(nanos / 1000);
  return unicode ? text : text.replace('µs', 'us');
}

/** The time of day here of a time in ISO 8601. */
export const clockOf = (time: string): string => new Date(time).toTimeString().slice(0, 8);

/** The same with its day: `2026-11-21 22:40:05`. */
export function dayAndClockOf(time: string): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clockOf(time)}`;
}

const BLOCKS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII_BLOCKS = [' ', '.', ':', '-', '=', '+', '*', '%', '#'];

/** One column a value, the latest on the right; each the highest of those it stands for where there are more. The highest of all is full. */
export function sparkline(values: readonly number[], columns: number, { unicode }: Style): string {
  const blocks = unicode ? BLOCKS : ASCII_BLOCKS;
  const each = Math.max(1, Math.ceil(values.length / Math.max(1, columns)));
  const shown: number[] = [];
  for (let end = values.length; end > 0 && shown.length < columns; end -= each)
    shown.unshift(Math.max(0, ...values.slice(Math.max(0, end - each), end)));
  const most = Math.max(...shown, 0);
  // What is not nothing is seen.
  const line = shown.map((value) => blocks[most === 0 || value === 0 ? 0 : Math.max(1, Math.round((value / most) * (blocks.length - 1)))]!);
  return line.join('').padStart(Math.max(0, columns));
}

const two = (value: number): string => String(value).padStart(2, '0');

/** By the locale that the environment names (POSIX.1-2017 §8.2): the first of these that is set counts. */
export function styleOf(environment: Readonly<Record<string, string | undefined>>): Style {
  const locale = ['LC_ALL', 'LC_CTYPE', 'LANG'].map((name) => environment[name] ?? '').find((value) => value !== '') ?? '';
  return { unicode: /utf-?8/i.test(locale) };
}
