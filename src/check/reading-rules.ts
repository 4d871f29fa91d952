/** What the reading of a file enforces before any rule looks at it, told like rules: SW-0001 to SW-0009. */
import {
  RULE_BAD_VALUE,
  RULE_DUPLICATE_KEY,
  RULE_IDLE_ACCEPT,
  RULE_MISSING_KEY,
  RULE_SECRET_IN_FILE,
  RULE_TOO_LARGE,
  RULE_UNKNOWN_KEY,
  RULE_WRONG_TYPE,
  RULE_YAML,
} from '../fabric/problem.ts';
import { fabricExample, lunExample, targetExample } from './example.ts';
import type { RuleStory } from './rule.ts';
import { OWN } from './sources.ts';

const chap = (secret: string): string =>
  targetExample(`luns: [{ store: memory, size: 64MiB }]\naccess: [{ initiator: any, chap: { user: disk, secret: ${secret} } }]`);

const nested = (depth: number): string => fabricExample(`switches: ${'{ tor1: '.repeat(depth)}{}${' }'.repeat(depth)}`);

/** A trunk that drops what comes without a tag, which is a warning. */
const accepting = (rule: string): string =>
  fabricExample(
    `switches: { tor1: { ports: { 1: { trunk: [10]${rule === 'SW-1055' ? '' : ', native: none'} } } } }\naccept: { ${rule}: everything here has a tag }`,
  );

export const READING_RULES: readonly RuleStory[] = [
  {
    id: RULE_YAML,
    name: 'yaml',
    severity: 'error',
    title: 'The file is no YAML',
    meaning: 'A fabric file is YAML 1.2; what stands here can be read in no way, or in more than one.',
    remedy: 'Correct the line. Levels are told by spaces, lists by `- `, and texts with `: ` or `#` in them need quotes.',
    ignored: 'Nothing of the file is known, and no other rule can look at it.',
    source: ['YAML 1.2.2'],
    examples: { fail: fabricExample('switches:\n  tor1: {'), pass: fabricExample('switches:\n  tor1: {}') },
  },
  {
    id: RULE_DUPLICATE_KEY,
    name: 'duplicate-key',
    severity: 'error',
    title: 'A key is written twice in one place',
    meaning: 'Only one of the two values can count, and readers of YAML do not agree on which.',
    remedy: 'Keep one of them.',
    ignored: 'What was written last, or first, is silently not there: a copied host that kept its name replaces the original.',
    source: ['YAML 1.2.2 §3.2.1.3'],
    examples: {
      fail: fabricExample('switches:\n  tor1: { mtu: 1500 }\n  tor1: { mtu: 9000 }'),
      pass: fabricExample('switches:\n  tor1: { mtu: 1500 }\n  tor2: { mtu: 9000 }'),
    },
  },
  {
    id: RULE_UNKNOWN_KEY,
    name: 'unknown-key',
    severity: 'error',
    title: 'A key has no meaning where it stands',
    meaning: 'It is misspelled, or belongs somewhere else: nothing reads it.',
    remedy: 'Write one of the keys that there are; `samewire schema` tells editors of them.',
    ignored: 'A setting that everybody believes in is not made.',
    source: [OWN],
    examples: {
      fail: lunExample('store: memory, size: 64MiB, blocksize: 4096'),
      pass: lunExample('store: memory, size: 64MiB, blockSize: 4096'),
    },
  },
  {
    id: RULE_MISSING_KEY,
    name: 'missing-key',
    severity: 'error',
    title: 'A key that has to be there is missing',
    meaning: 'There is no value that would be right for everybody.',
    remedy: 'Add the key.',
    ignored: 'The thing it is missing from can not be set up.',
    source: [OWN],
    examples: { fail: lunExample('size: 64MiB'), pass: lunExample('store: memory, size: 64MiB') },
  },
  {
    id: RULE_WRONG_TYPE,
    name: 'wrong-type',
    severity: 'error',
    title: 'A value is of the wrong kind',
    meaning: 'There is a list, a mapping, a text or a number where another of them belongs, or nothing at all.',
    remedy: 'Write the kind that the message names.',
    ignored: 'The value can not be used.',
    source: [OWN],
    examples: { fail: fabricExample('switches:\n  tor1: { mtu: [1500] }'), pass: fabricExample('switches:\n  tor1: { mtu: 1500 }') },
  },
  {
    id: RULE_BAD_VALUE,
    name: 'bad-value',
    severity: 'error',
    title: 'A value can not be what is written',
    meaning: 'The kind is right, and the value is no such address, size, name, VLAN or word as belongs there.',
    remedy: 'Write a value as the message says.',
    ignored:
      'The value can not be used, or a device takes it for something else: VLANs go to 4094, and `64M` may be powers of 1000 or of 1024.',
    source: [OWN],
    examples: { fail: lunExample('store: memory, size: 64M'), pass: lunExample('store: memory, size: 64MiB') },
  },
  {
    id: RULE_SECRET_IN_FILE,
    name: 'secret-in-file',
    severity: 'error',
    title: 'A secret stands in the file',
    meaning: 'Fabric files are shared, kept in repositories and shown on screens.',
    remedy: 'Put it into an environment variable or a file of its own, and write `secret: { env: NAME }` or `secret: { file: PATH }`.',
    ignored: 'Who can read the repository can log in to the disks, also years later.',
    source: ['RFC 7143 §9.2.1', OWN],
    examples: { fail: chap('not-so-secret-any-more'), pass: chap('{ env: DISK_SECRET }') },
  },
  {
    id: RULE_TOO_LARGE,
    name: 'too-large',
    severity: 'error',
    title: 'The file is too large or nested too deeply',
    meaning: 'What is read is bounded, so that no file can take all memory or stop the program.',
    remedy: 'Split the fabric, or write it without so many brackets and aliases.',
    ignored: 'The file is not read.',
    source: [OWN],
    examples: { fail: nested(33), pass: fabricExample('switches: { tor1: {} }') },
  },
  {
    id: RULE_IDLE_ACCEPT,
    name: 'idle-accept',
    severity: 'warning',
    title: 'A line of `accept` accepts nothing',
    meaning: 'What it names is not found, or is an error, which can not be accepted. A line that was right once hides what is found later.',
    remedy: 'Take the line away, or write the rule and the place as `samewire check` tells them.',
    ignored: 'Nobody knows any more which of the accepted warnings are still true.',
    source: [OWN],
    examples: { fail: accepting('SW-1057'), pass: accepting('SW-1055') },
  },
];
