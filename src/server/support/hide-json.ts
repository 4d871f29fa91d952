/** Values on their way into a report: without what their keys or their own words say is secret. */
import { HIDDEN, hideTold, isSecretName } from './secret-words.ts';

const DEPTH_MAX = 64;

export interface JsonHider {
  hide(value: unknown): unknown;
  text(text: string): string;
  /** What was hidden, which may stand elsewhere too. */
  readonly values: string[];
  count: number;
}

/** `home`: the folder of whoever made the report, whose name is nobody's business. */
export function jsonHider(home: string | undefined): JsonHider {
  const hider: JsonHider = { values: [], count: 0, text, hide: (value) => visit(value, false, 0) };
  return hider;

  function text(written: string): string {
    const { text: shown, values } = hideTold(written);
    hider.values.push(...values);
    if (values.length > 0) hider.count += 1;
    return withoutHome(shown, home);
  }

  function visit(value: unknown, isSecret: boolean, depth: number): unknown {
    if (depth > DEPTH_MAX) return HIDDEN;
    if (value === null || value === undefined || typeof value === 'boolean') return value;
    if (typeof value !== 'object') {
      if (!isSecret) return typeof value === 'string' ? text(value) : value;
      hider.count += 1;
      hider.values.push(String(value));
      return HIDDEN;
    }
    if (Array.isArray(value)) return value.map((one) => visit(one, isSecret, depth + 1));
    const bytes = bytesOf(value);
    if (bytes !== undefined) return isSecret ? HIDDEN : bytes.toString('hex');
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [text(key), visit(inner, isSecret || isSecretName(key), depth + 1)] as const),
    );
  }
}

/** Paths of whoever makes a report have a name in them. */
export const withoutHome = (text: string, home: string | undefined): string =>
  home === undefined ? text : text.replaceAll(`${home}/`, '~/');

/** `{"0":112,"1":108}`: bytes, as JSON has them that nobody thought of. */
function bytesOf(value: object): Buffer | undefined {
  if (value instanceof Uint8Array) return Buffer.from(value);
  const entries = Object.entries(value);
  const isBytes =
    entries.length > 0 && entries.every(([key, one], index) => key === String(index) && Number.isInteger(one) && one >= 0 && one <= 255);
  return isBytes ? Buffer.from(entries.map(([, one]) => one as number)) : undefined;
}
