/**
 * open-iscsi 2.1.8 on Linux: iscsiadm(8), the comments of iscsid.conf, and what the program itself prints. An adapter of the fabric file is an
 * interface record of the same name; `default` and `iser` are there from the beginning. The name and alias of the machine stand in
 * /etc/iscsi/initiatorname.iscsi; a second adapter has its name in its interface record.
 */
import type { Dialect } from '../core/dialect.ts';
import { emit } from './emit.ts';
import { readCommands } from './read-commands.ts';
import { readLists, readSessions, SERVER_LINE, TARGET_LINE } from './read-lists.ts';
import { readRecords } from './read-records.ts';
import { says } from './reading.ts';

const start = (text: string): string => text.slice(0, 20_000);

const RECORD =
  /^(?:# BEGIN RECORD \d|node\.(?:name|startup|session\.)\S* *=|iface\.iscsi_ifacename *=|discovery\.startup *=|InitiatorName=)/m;

function isList(text: string): boolean {
  const lines = start(text)
    .split('\n')
    .map((line) => line.slice(0, 1000).trim())
    .filter((line) => line !== '');
  return lines.length > 0 && lines.slice(0, 20).some((line) => TARGET_LINE.test(line) || SERVER_LINE.test(line));
}

export const iscsiadm: Dialect = {
  name: 'iscsiadm',
  product: 'open-iscsi 2.1.8 (Linux)',
  source: 'iscsiadm(8) and iscsid.conf of open-iscsi 2.1.8',
  kinds: ['host'],
  system: 'linux',
  says,
  emit,
  outputs: [
    {
      name: 'iscsiadm commands',
      recognise: (text) => (/(?:^|[#$] ?|sudo )(?:\/\S{0,40})?iscsiadm -/m.test(start(text)) ? 0.9 : 0),
      read: readCommands,
    },
    {
      name: 'records of open-iscsi',
      recognise: (text) => (/iscsiadm -/.test(start(text)) ? 0.2 : RECORD.test(start(text)) ? 0.95 : 0),
      read: readRecords,
    },
    {
      name: 'iscsiadm -m session -P 1',
      recognise: (text) => (/^Target: \S/m.test(start(text)) && /^\s+Iface (?:Name|Transport): /m.test(start(text)) ? 0.95 : 0),
      read: readSessions,
    },
    { name: 'iscsiadm -m node', recognise: (text) => (isList(text) ? 0.8 : 0), read: readLists },
  ],
};
