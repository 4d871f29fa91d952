/** `show running-config` of a ProCurve switch (K.15, K.16), and commands as people type them: flush, in pieces, with prompts. */
import type { OutputKind, Reading } from '../core/dialect.ts';
import { Found } from '../core/found.ts';
import { type Line, splitLines } from '../core/lines.ts';
import { readInterface, readTree } from './read-interface.ts';
import { readVlan } from './read-vlan.ts';
import { Draft } from './draft.ts';
import { codepointOf } from './words.ts';
import { portsOf, spelled } from './port-names.ts';

/** Only a whole configuration begins so. */
const HEADER = /^; \S{4,10} Configuration Editor; Created on release/;

/** `HP-E5406(config)# `, `sw1(vlan-10)# `. */
const PROMPT = /^[\w .-]{1,64}(?:\([\w-]{1,40}\))?[#>]\s+/;

export const runningConfig: OutputKind = {
  name: 'show running-config',
  recognise: (text) => {
    const start = text.slice(0, 4000);
    if (start.split('\n').some((line) => HEADER.test(line.trimStart()))) return 1;
    return /^[ \t]*vlan \d{1,4}[ \t\r]*$/m.test(text.slice(0, 64_000)) &&
      /^[ \t]*(?:no )?(?:un)?tagged \S{1,1000}[ \t\r]*$/m.test(text.slice(0, 64_000))
      ? 0.7
      : 0;
  },
  read: (text, { file }) => {
    const { lines, errors } = splitLines(text);
    const draft = new Draft(new Found(file, errors));
    let inside: Context | undefined;
    for (const line of lines) {
      const bare = line.text.trim().replace(PROMPT, '');
      if (HEADER.test(bare)) draft.header = line;
      if (bare === '' || bare.startsWith(';') || /^(?:-- MORE --|Running configuration:)/.test(bare)) continue;
      const words = wordsOf(bare);
      if (words[0] === 'exit' || words[0] === 'end') {
        inside = undefined;
        continue;
      }
      const opened = openedBy(words);
      if (opened !== undefined) {
        inside = opened.rest.length === 0 ? opened.context : undefined;
        if (opened.rest.length === 0) opened.context.enter(draft, line);
        else if (!opened.context.read(draft, line, opened.rest)) draft.found.unknown(line);
        continue;
      }
      // A line of the switch ends what was open in texts without indents.
      if (inside !== undefined && inside.read(draft, line, words)) continue;
      if (line.indent === 0 && readGlobal(draft, line, words)) inside = undefined;
      else draft.found.unknown(line);
      if (inside === undefined && line.indent === 0 && words.length === 1 && OPENERS.has(words[0]!)) inside = unknownContext;
    }
    return readingOf(draft, lines);
  },
};

interface Context {
  enter(draft: Draft, line: Line): void;
  read(draft: Draft, line: Line, words: readonly string[]): boolean;
}

/** Blocks of other things: each line of them is unknown. */
const OPENERS: ReadonlySet<string> = new Set(['oobm', 'aaa']);
const unknownContext: Context = { enter: () => {}, read: () => false };

/** Words, of which one in quotes is one. */
const wordsOf = (text: string): readonly string[] => (text.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replace(/^"(.*)"$/, '$1'));

/** `vlan 10`, `vlan 10 tagged A1`, `interface A1-A4`, `interface A1 disable`; also with `no` before the whole. */
function openedBy(all: readonly string[]): { readonly context: Context; readonly rest: readonly string[] } | undefined {
  const isNo = all[0] === 'no';
  const words = isNo ? all.slice(1) : all;
  const rest = words.slice(2);
  if (isNo && rest.length === 0) return undefined;
  const meant = isNo ? ['no', ...rest] : rest;
  if (words[0] === 'vlan' && /^\d{1,4}$/.test(words[1] ?? '') && Number(words[1]) >= 1 && Number(words[1]) <= 4094) {
    const vlan = Number(words[1]);
    return {
      context: { enter: (draft, line) => draft.vlan(line, vlan), read: (draft, line, inner) => readVlan(draft, line, vlan, inner) },
      rest: meant,
    };
  }
  if (words[0] !== 'interface' && words[0] !== 'int') return undefined;
  const ports = portsOf((words[1] ?? '').replace(/^ethernet$/, ''));
  if (ports === undefined) return undefined;
  return {
    context: { enter: (draft) => draft.seen(ports), read: (draft, line, inner) => readInterface(draft, line, ports, inner) },
    rest: meant,
  };
}

/** Lines of the switch itself. What only leads somewhere or saves says nothing. */
function readGlobal(draft: Draft, line: Line, all: readonly string[]): boolean {
  const isNo = all[0] === 'no';
  const words = isNo ? all.slice(1) : all;
  const [first, second] = words;
  const { found } = draft;
  if (['configure', 'config', 'enable'].includes(first ?? '') || (first === 'write' && second === 'memory') || first === 'show')
    return true;
  if (first === 'hostname') {
    found.node = second;
    return second !== undefined;
  }
  if (first === 'trunk' && !isNo) return draft.trunk(line, words);
  if (first === 'trunk-load-balance' && (second === 'L3-based' || second === 'L4-based')) {
    draft.balance = { line, value: second === 'L4-based' ? 'layer3+4' : 'layer2+3' };
    return true;
  }
  if (first === 'jumbo' && second === 'ip-mtu' && /^\d{4}$/.test(words[2] ?? '')) {
    draft.jumboMtuBytes = Number(words[2]);
    return true;
  }
  if (first === 'lldp' && second === 'run') {
    found.say(line, ['lldp'], !isNo);
    return true;
  }
  if (first === 'qos' && second === 'dscp-map') {
    const dscp = codepointOf(words[2] ?? '');
    const priority = words[3] === 'priority' && /^[0-7]$/.test(words[4] ?? '') ? Number(words[4]) : undefined;
    if (dscp === undefined || priority === undefined || isNo) return false;
    found.say(line, ['dcb', 'dscp', `${dscp}`], priority);
    return true;
  }
  return (
    first === 'spanning-tree' &&
    readTree(
      draft,
      line,
      words.slice(1).filter((word) => word !== 'ethernet'),
      isNo,
    )
  );
}

function readingOf(draft: Draft, lines: readonly Line[]): Reading {
  const { found } = draft;
  draft.settle();
  // Spanning tree is off until somebody turns it on; a whole configuration that does not says so.
  if (draft.header !== undefined && found.value(['spanningTree', 'enabled']) === undefined)
    found.say(draft.header, ['spanningTree', 'enabled'], false);
  if (found.understoodNothing && !found.hasErrors)
    found.wrong(
      lines.find(({ text }) => text.trim() !== '') ?? 1,
      'This is no configuration of a ProCurve switch: no line of it is known.',
    );
  return { ...found.reading('switch', covers, defaultOf), spelled };
}

function covers([section, name, what, more]: readonly string[]): boolean {
  if (section === 'vlans') return true;
  if (section === 'spanningTree' || section === 'lldp') return true;
  if (section === 'dcb') return name === 'dscp';
  if (section === 'aggregations') return ['ports', 'mode', 'active', 'hash', 'untagged', 'tagged'].includes(what ?? '');
  if (section !== 'ports') return false;
  if (what === 'dcb') return more === 'trust';
  return ['description', 'speed', 'disabled', 'untagged', 'tagged', 'flowControl', 'spanningTree'].includes(what ?? '');
}

/** What a switch has that nobody told otherwise, and so does not print. */
function defaultOf([section, name, what, more]: readonly string[]): string | number | boolean | undefined {
  if (section === 'lldp') return true;
  if (section === 'spanningTree') return name === 'enabled' ? false : name === 'priority' ? 32_768 : undefined;
  if (section === 'vlans') return what === 'mtu' ? 1500 : what === 'igmpSnooping' ? false : what === 'igmpQuerier' ? true : undefined;
  if (section === 'aggregations') return what === 'hash' ? 'layer2+3' : what === 'untagged' || what === 'tagged' ? 'none' : undefined;
  if (section !== 'ports') return undefined;
  if (what === 'disabled') return false;
  if (what === 'flowControl') return 'none';
  if (what === 'untagged' || what === 'tagged') return 'none';
  return what === 'dcb' && more === 'trust' ? 'pcp' : undefined;
}
