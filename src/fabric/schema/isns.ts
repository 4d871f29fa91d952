/** Where an array registers itself for initiators to find it: an iSNS server (RFC 4171). */
import { z } from 'zod';
import { parseAnnounceAddress } from '../address.ts';
import { parseDuration } from '../duration.ts';
import { isMistake, mistake, type Parsed } from '../parsed.ts';
import { mapping, text } from './words.ts';

const serverNoun = 'the address of an iSNS server such as `192.0.2.5`, or a mapping with `server`';
const entityNoun = 'a text of 1 to 255 bytes';

/** Like an address that is announced: one that somebody can connect to. */
const parseServer = (written: string): Parsed<unknown> => {
  const parsed = parseAnnounceAddress(written);
  return isMistake(parsed)
    ? { ...parsed, remedy: 'Write the address of the iSNS server, such as `192.0.2.5` or `isns.example:3205`.' }
    : parsed;
};

const server = text('the address of an iSNS server such as `192.0.2.5`', parseServer);

/** RFC 4171 §6.2.6, §6.3.4: whole seconds. */
const wholeSeconds = (written: string): Parsed<number> => {
  const parsed = parseDuration(written);
  if (isMistake(parsed) || (parsed.value >= 1e9 && parsed.value % 1e9 === 0)) return parsed;
  return mistake(`\`${written}\` is no number of whole seconds.`, 'Write a time such as `1s`, `90s` or `10m`.');
};

const parseEntity = (written: string): Parsed<string> => {
  if (new TextEncoder().encode(written).length > 255) return mistake('This is too long for an entity identifier.', `Write ${entityNoun}.`);
  // RFC 4171 §6.2.1: these the server makes up.
  if (written.startsWith('isns:'))
    return mistake('Identifiers that begin with `isns:` are made by the server.', 'Write another, such as the name of the machine.');
  return written === '' || written.includes('\0') ? mistake('This is no entity identifier.', `Write ${entityNoun}.`) : { value: written };
};

export const isnsSchema = z.union(
  [
    server.meta({
      description: 'Address of the iSNS server; port 3205 where none is written.',
      examples: ['192.0.2.5', 'isns.example:3205'],
    }),
    mapping(serverNoun, {
      server: server.meta({
        description: 'Address of the iSNS server; port 3205 where none is written.',
        examples: ['192.0.2.5', 'isns.example:3205'],
      }),
      entity: text(entityNoun, parseEntity)
        .optional()
        .meta({ description: 'Entity identifier to register under. By default the name of the first target.' }),
      period: text('a time such as `10m`', wholeSeconds)
        .optional()
        .meta({
          description: 'Registration period to ask for; the server may grant another. By default the server chooses.',
          examples: ['10m'],
        }),
      inquiry: text('a time such as `60s`', wholeSeconds)
        .optional()
        .meta({
          description: 'The server is asked to check so often that each portal is there (ESI). By default it does not.',
          examples: ['60s'],
        }),
    }),
  ],
  { error: serverNoun },
);

export type IsnsDeclaration = z.output<typeof isnsSchema>;
