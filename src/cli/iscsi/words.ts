/** Figures and tables for people: sizes, rates, times, columns that line up, bytes in hexadecimal. */
import { plainLine } from '../plain-text.ts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Three digits at most: `512 B`, `1.5 GiB`, `2 TiB`. */
export function sizeText(bytes: number): string {
  let unit = 0;
  let value = bytes;
  // 1023.5 of one unit would be written as 1024 of it.
  for (; value >= 1023.5 && unit < UNITS.length - 1; unit += 1) value /= 1024;
  return `${digits(value)} ${UNITS[unit]}`;
}

/** Three significant digits, without zeros at the end. */
const digits = (value: number): string => (value >= 100 ? Math.round(value) : Number(value.toPrecision(3))).toString();

/** In powers of ten, as disks and networks are sold. */
export const rateText = (bytesPerSecond: number): string => `${megabytes(bytesPerSecond)} MB/s`;

/** The same where the unit stands above. */
export function megabytes(bytesPerSecond: number): string {
  const value = bytesPerSecond / 1e6;
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1);
}

/** `0:07`, `12:34`, `1:02:03`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const end = String(whole % 60).padStart(2, '0');
  return hours === 0 ? `${minutes}:${end}` : `${hours}:${String(minutes).padStart(2, '0')}:${end}`;
}

/** Columns side by side, two spaces between them; `right` names those that hold figures. What devices say is made harmless. */
export function tableLines(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const plain = rows.map((row) => row.map((cell) => plainLine(cell)));
  const widths = (plain[0] ?? []).map((_, column) => Math.max(...plain.map((row) => (row[column] ?? '').length)));
  return plain.map((row) =>
    row
      .map((cell, column) => (right.includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}

/** Sixteen bytes a line: where, in hexadecimal, as text. */
export function dumpLines(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const part = [...bytes.subarray(at, at + 16)];
    const pairs = part.map((byte) => byte.toString(16).padStart(2, '0'));
    const text = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    const left = pairs.slice(0, 8).join(' ').padEnd(23);
    lines.push(`${at.toString(16).padStart(4, '0')}  ${left}  ${pairs.slice(8).join(' ').padEnd(23)}  ${text}`);
  }
  return lines;
}
