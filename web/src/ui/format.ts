/** Figures as people read them: three digits, a unit, and always as wide. */

const DECIMAL = ['', 'k', 'M', 'G', 'T', 'P'] as const;
const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Narrow no-break space. */
const SPACE = '\u202f';

function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 99.95 || Number.isInteger(value)) return value.toFixed(0);
  return size >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let step = 0;
  let rest = value;
  // What would round to a thousand is one of the next unit.
  while (Math.abs(rest) >= base - 0.5 && step < units.length - 1) {
    rest /= base;
    step += 1;
  }
  const text = step === 0 ? (Math.abs(rest) < 10 && !Number.isInteger(rest) ? rest.toFixed(1) : rest.toFixed(0)) : digits(rest);
  return units[step] === '' ? text : `${text}${SPACE}${units[step]}`;
}

/** `12.3 k`. */
export const countText = (value: number): string => scaled(value, 1000, DECIMAL);

/** With all its digits. */
export const wholeText = (value: number): string => Math.round(value).toLocaleString('en');

/** `1.20 Gb/s`. */
export const bitRateText = (bitsPerSecond: number): string =>
  scaled(
    bitsPerSecond,
    1000,
    DECIMAL.map((unit) => `${unit}b/s`),
  );

/** `103 MB/s`. */
export const byteRateText = (bytesPerSecond: number): string =>
  scaled(
    bytesPerSecond,
    1000,
    DECIMAL.map((unit) => `${unit}B/s`),
  );

/** `64 MiB`. */
export const bytesText = (bytes: number): string => scaled(bytes, 1024, BINARY);

const NANO_UNITS = ['ns', 'µs', 'ms', 's'] as const;

/** `84.2 µs`. */
export const nanosText = (nanos: number): string => scaled(nanos, 1000, NANO_UNITS);

/** Nothing ended in the last second: there is no latency. */
export const latencyText = (nanos: number): string => (nanos === 0 ? '–' : nanosText(nanos));

/** A share: `12 %`, `0.1 %`. */
export function shareText(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.01) return `<${SPACE}0.01${SPACE}%`;
  return `${percent >= 10 || Number.isInteger(percent) ? percent.toFixed(0) : Number(percent.toFixed(2))}${SPACE}%`;
}

/** `3 d 4 h`, `4 h 12 min`, `12 min 3 s`. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (days > 0) return `${days}${SPACE}d ${hours}${SPACE}h`;
  if (hours > 0) return `${hours}${SPACE}h ${minutes}${SPACE}min`;
  return minutes > 0 ? `${minutes}${SPACE}min ${seconds % 60}${SPACE}s` : `${seconds}${SPACE}s`;
}

/** Of the day, here: `14:03:59`. */
export function clockText(iso: string): string {
  const time = new Date(iso);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** `1 path`, `2 paths`. */
export const some = (count: number, one: string, many = `${one}s`): string => `${wholeText(count)} ${count === 1 ? one : many}`;

/** `iqn.2026-01.net.samewire:rack` by what tells it from others: `rack`. */
export const shortName = (name: string): string => /^iqn\.[^:]+:(.+)$/.exec(name)?.[1] ?? name;
