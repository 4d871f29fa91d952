/** A service of the fabric on a real socket: `127.0.0.1:3260 -> array1:3260`. */
import { z } from 'zod';
import { parseListenAddress } from '../address.ts';
import { parseUnicast } from '../network/ip-prefix.ts';
import { isMistake, mistake, type Parsed } from '../parsed.ts';
import { text } from './words.ts';

const publishNoun = 'a line such as `127.0.0.1:3260 -> array1:3260`';
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

export interface WrittenPublication {
  readonly listen: string;
  /** A host or array of the fabric, or an address. */
  readonly to: { readonly node: string } | { readonly address: string };
  readonly port: number;
}

export function splitPublication(written: string): WrittenPublication | undefined {
  const match = /^\s*(\S+)\s*->\s*(\S+):(\d{1,5})\s*$/.exec(written);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535) return undefined;
  const to = match[2]!;
  return { listen: match[1]!, to: NAME.test(to) ? { node: to } : { address: to.replace(/^\[(.*)\]$/, '$1') }, port };
}

function parsePublication(written: string): Parsed<unknown> {
  const parts = splitPublication(written);
  if (parts === undefined) return mistake(`\`${written.slice(0, 80)}\` does not say what is published where.`, `Write ${publishNoun}.`);
  if ('address' in parts.to) {
    const parsed = parseUnicast(parts.to.address);
    if (isMistake(parsed)) return parsed;
  }
  return parseListenAddress(parts.listen);
}

const publication = () => text(publishNoun, parsePublication);

export const publishSchema = z.union([publication(), z.array(publication(), { error: `a list of lines such as ${publishNoun}` })], {
  error: publishNoun,
});

export type PublishDeclaration = z.output<typeof publishSchema>;
