/** Where each value of the declaration stands in its file. */
import type { Path, Span } from './problem.ts';

/** A value and what is in it, by offsets in the text. */
export interface Placement {
  readonly from: number;
  readonly to: number;
  /** What leads to it, in a mapping. */
  readonly key: { readonly from: number; readonly to: number } | undefined;
  readonly inner: ReadonlyMap<string | number, Placement> | undefined;
}

export interface Positions {
  readonly file: string;
  /** The value at the path, or the nearest thing around it that was written. */
  value(path: Path): Span;
  /** The key that leads to the value, or else the value. */
  key(path: Path): Span;
}

export const START: Span = { line: 1, column: 1, endLine: 1, endColumn: 1 };

/** `top` undefined: nothing is known to stand anywhere. */
export function positionsOf(file: string, top: Placement | undefined, spanOf: (from: number, to: number) => Span): Positions {
  const nearest = (path: Path): { readonly placement: Placement; readonly exact: boolean } | undefined => {
    if (top === undefined) return undefined;
    let placement = top;
    for (const step of path) {
      const next = placement.inner?.get(step);
      if (next === undefined) return { placement, exact: false };
      placement = next;
    }
    return { placement, exact: true };
  };
  const valueOf = ({ from, to }: Placement): Span => spanOf(from, to);
  // What is missing is shown at the key of the thing that should have it: a value can be pages long.
  const outer = (placement: Placement): Span =>
    placement.key === undefined ? firstPoint(valueOf(placement)) : spanOf(placement.key.from, placement.key.to);
  return {
    file,
    value(path) {
      const found = nearest(path);
      if (found === undefined) return START;
      return found.exact ? valueOf(found.placement) : outer(found.placement);
    },
    key(path) {
      const found = nearest(path);
      return found === undefined ? START : outer(found.placement);
    },
  };
}

const firstPoint = (span: Span): Span => ({
  ...span,
  endLine: span.line,
  endColumn: span.endLine === span.line ? span.endColumn : span.column + 1,
});

/** For a declaration that came from code: there is no file to point into. */
export const noPositions = (file: string): Positions => positionsOf(file, undefined, () => START);

/** `arrays.array1.targets["iqn.2026-01.net.example:disk"].luns[0].size`. */
export function describePath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

const OWNERS: Readonly<Record<string, string>> = { arrays: 'array', hosts: 'host', switches: 'switch' };

/** Of a path as text, for sentences: "`nics.nic0.mtu` of host `esx1`", "`rate` of link 3", "`seed`". */
export function describeWhere(where: string): string {
  const [, section, plain, quoted, key] = /^(arrays|hosts|switches)(?:\.([A-Za-z0-9_-]+)|\["([^"]*)"\])\.?(.*)$/.exec(where) ?? [];
  const [, link, linkKey] = /^links\[(\d+)\]\.?(.*)$/.exec(where) ?? [];
  if (section === undefined && link === undefined) return where === '' ? 'the fabric' : `\`${where}\``;
  const owner = section === undefined ? `link ${Number(link) + 1}` : `${OWNERS[section]!} \`${plain ?? quoted!}\``;
  const rest = key ?? linkKey!;
  return rest === '' ? owner : `\`${rest}\` of ${owner}`;
}
