/**
 * Linux's kernel target (LIO), told by targetcli-fb 2.1.53 over rtslib-fb 2.1.75 (configshell-fb 1.1.28): their manuals targetcli(8),
 * saveconfig.json(5), and the help texts of their commands. An array of the fabric file is one machine with LIO: portals stand at each of its
 * targets, groups of portals are its target portal groups, LUNs and initiators are alike in all of them. `memory` is a RAM disk, a file
 * below `/dev/` a block store, any other a file store.
 */
import type { Dialect } from '../core/dialect.ts';
import { type Line, splitLines } from '../core/lines.ts';
import { emit } from './emit.ts';
import { readCommands } from './read-commands.ts';
import { readSaveconfig } from './read-saveconfig.ts';
import { nodeOf, readTree } from './read-tree.ts';
import { says } from './reading.ts';

const start = (text: string): string => text.slice(0, 20_000);
const linesOf = (text: string): readonly Line[] => splitLines(start(text)).lines;

export const targetcli: Dialect = {
  name: 'targetcli',
  product: 'Linux LIO with targetcli-fb 2.1.53 and rtslib-fb 2.1.75',
  source: 'targetcli(8), saveconfig.json(5) and the help texts of targetcli-fb 2.1.53',
  kinds: ['array'],
  says,
  emit,
  outputs: [
    {
      name: 'saveconfig.json',
      recognise: (text) => (/^\s*\{/.test(text) && /"(?:storage_objects|fabric_modules|targets)"/.test(start(text)) ? 1 : 0),
      read: readSaveconfig,
    },
    {
      name: 'targetcli ls',
      recognise: (text) => (linesOf(text).some((line) => (nodeOf(line)?.summary ?? '') !== '') ? 0.9 : 0),
      read: readTree,
    },
    {
      name: 'targetcli commands',
      recognise: (text) =>
        /(?:^|targetcli |> ?)\/?(?:backstores\/(?:fileio|block|ramdisk)|iscsi)\S* (?:create|set|delete)\b/m.test(start(text)) ? 0.8 : 0,
      read: readCommands,
    },
  ],
};
