/** Turns what the schema found into problems for people, and says which values to leave out so that reading can go on. */
import type { z } from 'zod';
import type { Mistake } from './parsed.ts';
import { describePath, type Positions } from './positions.ts';
import {
  type Path,
  type Problem,
  RULE_BAD_VALUE,
  RULE_MISSING_KEY,
  RULE_SECRET_IN_FILE,
  RULE_UNKNOWN_KEY,
  RULE_WRONG_TYPE,
  type Span,
} from './problem.ts';
import { alternatives, suggest } from './suggest.ts';

type Issue = z.core.$ZodIssue;

export interface Explanation {
  readonly problem: Problem;
  /** The value that can't stay. */
  readonly remove: Path;
  /** What was probably meant to stand there. */
  readonly meant?: Path;
  /** What is missing. */
  readonly missing?: Path;
}

/** What `explain` needs to know of the value that was looked at. */
export interface Explained {
  readonly root: unknown;
  readonly positions: Positions;
  /** From a path in `root` to the path in the file: values left out before have shifted the lists. */
  original(path: Path): Path;
}

export function explain(issues: readonly Issue[], about: Explained): Explanation[] {
  return issues.flatMap((issue) => explainIssue(issue, [], about));
}

function explainIssue(issue: Issue, base: Path, about: Explained): Explanation[] {
  const path: Path = [...base, ...(issue.path as (string | number)[])];
  const value = valueAt(about.root, path);
  if (issue.code === 'invalid_union') {
    const branch = fittingBranch(issue.errors);
    if (branch !== undefined) return branch.flatMap((inner) => explainIssue(inner, path, about));
    return [value === undefined ? missing(path, issue.message, about) : wrongType(path, issue.message, value, about)];
  }
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], issue.message.split(' '), about));
  if (value === undefined)
    return [missing(path, issue.code === 'invalid_value' ? alternatives(issue.values as string[]) : issue.message, about)];
  if (issue.code === 'invalid_value') return [badChoice(path, issue.values as (string | number)[], value, about)];
  if (issue.code === 'invalid_type' && !(issue.expected === 'int' && typeof value === 'number'))
    return [wrongType(path, issue.message, value, about)];
  if (issue.code === 'custom') {
    const { remedy = '' } = (issue.params ?? {}) as { remedy?: string };
    return [told(RULE_BAD_VALUE, path, issue.message, remedy, about)];
  }
  return [told(RULE_BAD_VALUE, path, `${capital(subject(path))} can't be ${shown(path, value)}.`, `Write ${issue.message}.`, about)];
}

/** The branch of a union that fits the kind of value written; none if the value fits no branch at all. */
function fittingBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return branches.find((issues) =>
    issues.every((issue) => issue.path.length > 0 || (issue.code !== 'invalid_type' && issue.code !== 'invalid_value')),
  );
}

function missing(path: Path, noun: string, about: Explained): Explanation {
  const owner = path.slice(0, -1);
  const name = String(path.at(-1) ?? '');
  if (path.length === 0)
    return told(RULE_MISSING_KEY, path, 'There is no fabric here.', `Write ${noun}; \`samewire init\` writes a file to start from.`, about);
  const span = about.positions.key(about.original(owner));
  const explanation = told(
    RULE_MISSING_KEY,
    path,
    `${capital(subject(owner))} has no \`${name}\`.`,
    `Add \`${name}:\` with ${noun}.`,
    about,
    span,
  );
  return { ...explanation, remove: about.original(owner.length === 0 ? path : owner), missing: explanation.remove };
}

function wrongType(path: Path, noun: string, value: unknown, about: Explained): Explanation {
  if (path.at(-1) === 'secret' && (typeof value === 'string' || typeof value === 'number')) {
    const remedy = 'Put it into an environment variable or a file and write `secret: { env: NAME }` or `secret: { file: PATH }`.';
    return told(RULE_SECRET_IN_FILE, path, "A secret doesn't belong into this file.", remedy, about);
  }
  if (path.length === 0 && value === null) return missing(path, noun, about);
  const message = value === null ? `${capital(subject(path))} is empty.` : `${capital(subject(path))} can't be ${shown(path, value)}.`;
  return told(
    RULE_WRONG_TYPE,
    path,
    message,
    `Write ${noun}.`,
    about,
    value === null ? about.positions.key(about.original(path)) : undefined,
  );
}

function badChoice(path: Path, values: readonly (string | number)[], value: unknown, about: Explained): Explanation {
  const meant = typeof value === 'string' ? suggest(value, values.map(String)) : undefined;
  const all = `Write ${alternatives(values)}.`;
  const remedy = meant === undefined || values.length === 1 ? all : `Did you mean \`${meant}\`? ${all}`;
  return told(RULE_BAD_VALUE, path, `${capital(subject(path))} can't be ${shown(path, value)}.`, remedy, about);
}

function unknownKey(path: Path, known: readonly string[], about: Explained): Explanation {
  const key = String(path.at(-1));
  const owner = path.slice(0, -1);
  const meant = suggestKey(key, known);
  const keys = `The keys here are ${alternatives(known).replace(/ or (?=`[^`]*`$)/, ' and ')}.`;
  const where = owner.length === 0 ? 'at the top of a fabric' : `in ${subject(owner)}`;
  // `secret: { hunter2 }`: the key itself may be it.
  const name = owner.includes('secret') ? 'such key' : `key \`${key.slice(0, 60)}\``;
  const span = about.positions.key(about.original(path));
  const remedy = meant === undefined ? keys : `Did you mean \`${meant}\`?`;
  const explanation = told(RULE_UNKNOWN_KEY, path, `There is no ${name} ${where}.`, remedy, about, span);
  return meant === undefined ? explanation : { ...explanation, meant: about.original([...owner, meant]) };
}

/** Words from other tools for what we call differently. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  password: ['secret'],
  username: ['user'],
  capacity: ['size'],
  type: ['store'],
  backend: ['store'],
  iqn: ['initiator'],
  acl: ['access'],
  acls: ['access'],
  initiators: ['access'],
  disks: ['luns'],
  volumes: ['luns'],
  sectorsize: ['blockSize'],
  readwrite: ['readOnly'],
  writable: ['readOnly'],
  tpgt: ['group'],
  tpg: ['group'],
  address: ['listen'],
  bind: ['listen'],
  storage: ['arrays'],
  targets: ['arrays'],
  thin: ['provisioning'],
  hbas: ['iscsi'],
  interfaces: ['nics'],
  nodes: ['hosts'],
  endpoints: ['ends'],
  bandwidth: ['rate', 'speed'],
  latency: ['delay'],
  vni: ['network'],
  stp: ['spanningTree'],
  rstp: ['spanningTree'],
  portfast: ['edge'],
  pvid: ['vlan', 'untagged', 'native'],
  ip: ['addresses'],
  servers: ['discovery'],
  sendtargets: ['discovery'],
  static: ['targets'],
  dynamic: ['discovery'],
  portal: ['address', 'server'],
  noopoutinterval: ['pingAfter'],
  noopouttimeout: ['pingTimeout'],
  recoverytimeout: ['noPath'],
  nopathretry: ['noPath'],
  initiatorname: ['initiator'],
};

function suggestKey(written: string, known: readonly string[]): string | undefined {
  const direct = suggest(written, known);
  if (direct !== undefined) return direct;
  const foreign = Object.keys(SYNONYMS).filter((word) => SYNONYMS[word]!.some((ours) => known.includes(ours)));
  const synonym = suggest(written, foreign);
  return synonym === undefined ? undefined : SYNONYMS[synonym]!.find((word) => known.includes(word));
}

function told(rule: string, path: Path, message: string, remedy: string, about: Explained, place?: Span): Explanation {
  const original = about.original(path);
  const value = about.positions.value(original);
  const span = place ?? value;
  const keyHides = rule === RULE_UNKNOWN_KEY && path.includes('secret');
  const where = describePath(keyHides ? original.slice(0, -1) : original);
  const problem: Problem = { ...span, rule, severity: 'error', message, remedy, file: about.positions.file, where };
  // What is missing hides nothing.
  if (!isPrivate(path) || rule === RULE_MISSING_KEY) return { problem, remove: original };
  const secret = keyHides ? { ...value, line: span.line, column: span.column } : value;
  return { problem: { ...problem, secret }, remove: original };
}

/** A name that is wrong: the key is shown, and the value stays. */
export const explainName = (path: Path, { wrong, remedy }: Mistake, about: Explained): Problem =>
  told(RULE_BAD_VALUE, path, wrong, remedy, about, about.positions.key(about.original(path))).problem;

/** A secret may stand at the wrong place, or where the name of its variable should: near CHAP nothing is repeated. */
const isPrivate = (path: Path): boolean => path.includes('secret') || path.includes('chap');

/** `size`, item 2 of `portals`, the fabric. */
function subject(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return 'the fabric';
  if (typeof last === 'string') return `\`${last.length > 60 ? `${last.slice(0, 57)}...` : last}\``;
  const list = path.findLast((step) => typeof step === 'string');
  return `item ${last + 1} of \`${list ?? ''}\``;
}

function shown(path: Path, value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (value === null) return 'empty';
  if (typeof value === 'object') return 'a mapping';
  if (isPrivate(path)) return 'this';
  const written = String(value);
  if (written === '') return 'empty';
  return `\`${written.length > 60 ? `${written.slice(0, 57)}...` : written}\``;
}

const capital = (sentence: string): string => sentence[0]!.toUpperCase() + sentence.slice(1);

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
