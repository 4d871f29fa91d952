/** A machine while commands or outputs make it up. */
import type { Line } from '../core/lines.ts';
import type { Link } from './link.ts';

export interface Machine {
  readonly links: Map<string, Link>;
  readonly routes: Route[];
}

export interface Route {
  readonly to: string;
  readonly via: string;
  readonly line: number;
}

export const linkOf = ({ links }: Machine, name: string, line: Line): Link => {
  const known = links.get(name);
  if (known !== undefined) return known;
  const made: Link = { name, line: line.number, kind: 'port' };
  links.set(name, made);
  return made;
};

/** `ip` takes any beginning of a word of its own. */
export const isWord = (written: string | undefined, word: string, least = 1): boolean =>
  written !== undefined && written.length >= least && word.startsWith(written);
