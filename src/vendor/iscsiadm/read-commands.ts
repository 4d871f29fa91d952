/** Commands of iscsiadm as somebody typed them, with the name files beside them. */
import { shellWords } from '../core/shell-words.ts';
import type { ReadContext, Reading } from '../core/dialect.ts';
import { Found } from '../core/found.ts';
import { type Line, splitLines } from '../core/lines.ts';
import { says, serverOf, tellAdapter, tellParameter } from './reading.ts';
import { optionsOf } from './words.ts';

/** What iscsiadm and the shell answer, which sets nothing. */
const ANSWERS = /^(?:Logging in to |Login to |New iSCSI node |New interface |New discovery record |\S+ updated\.$|\[\S*@?\S*[^\]]*\][#$]$)/;

export function readCommands(text: string, { file, port }: ReadContext): Reading {
  const { lines, errors } = splitLines(text);
  const found = new Found(file, errors);
  const names = new MachineNames();
  let understood = 0;
  for (const line of lines) {
    const typed = line.text
      .trim()
      .replace(/^(?:\[[^\]]{0,80}\]\s?)?[#$]\s?(?=\S*(?:iscsiadm|echo|systemctl))/, '')
      .replace(/^sudo /, '');
    if (typed === '' || typed.startsWith('#') || ANSWERS.test(typed)) continue;
    const why = command(found, names, { ...line, text: typed }, port ?? 'default');
    if (why === undefined) understood += 1;
    else found.unknown(line, why === '' ? undefined : why);
  }
  if (understood === 0) found.wrong(1, 'No line here is a command of iscsiadm.');
  names.tell(found);
  return found.reading('host', (key) => says(key) && key.at(-1) !== 'secret');
}

/** Of initiatorname.iscsi: they hold for each interface record that has no name of its own. */
export class MachineNames {
  #initiator: { readonly line: Line; readonly value: string } | undefined;
  #alias: { readonly line: Line; readonly value: string } | undefined;
  readonly #adapters = new Map<string, Line>();

  /** Whether it is a line of that file. */
  take(line: Line, text: string): boolean {
    const match = /^(InitiatorName|InitiatorAlias)=(.+)$/.exec(text);
    if (match?.[1] === 'InitiatorName') this.#initiator = { line, value: match[2]! };
    if (match?.[1] === 'InitiatorAlias') this.#alias = { line, value: match[2]! };
    return match !== null;
  }

  seen(line: Line, adapter: string): void {
    if (!this.#adapters.has(adapter)) this.#adapters.set(adapter, line);
  }

  tell(found: Found, fallback?: string): void {
    if (this.#adapters.size === 0 && fallback !== undefined && this.#initiator !== undefined)
      this.#adapters.set(fallback, this.#initiator.line);
    let isFirst = true;
    for (const [name, line] of this.#adapters) {
      tellAdapter(found, line, name);
      if (found.value(['iscsi', name, 'initiator']) === undefined && this.#initiator !== undefined) {
        found.say(this.#initiator.line, ['iscsi', name, 'initiator'], this.#initiator.value);
        if (this.#alias !== undefined && isFirst) found.say(this.#alias.line, ['iscsi', name, 'alias'], this.#alias.value);
        isFirst = false;
      }
    }
  }
}

/** Undefined: done. Else why not; '' where nothing more can be said. */
function command(found: Found, names: MachineNames, line: Line, usual: string): string | undefined {
  const words = shellWords(line.text);
  if (words === undefined) return 'A quote is left open.';
  const [program, ...rest] = words;
  if (program === 'systemctl')
    return /^(?:restart|enable|start|disable|stop|status)$/.test(rest[0] ?? '') && /iscsi/.test(rest.join(' ')) ? undefined : '';
  if (program === 'echo') return rest.at(-1) === '/etc/iscsi/initiatorname.iscsi' && names.take(line, rest[0] ?? '') ? undefined : '';
  if (program === 'cat' || program === 'lsblk' || program === 'exit') return undefined;
  if (!/(?:^|\/)iscsiadm$/.test(program!)) return '';
  const options = optionsOf(rest);
  if (options === undefined) return 'iscsiadm has no such option.';
  const adapter = options.get('interface') ?? usual;
  const op = options.get('op') ?? '';
  const mode = options.get('mode');
  if (mode === 'session' || mode === 'host' || mode === 'fw' || options.has('show')) return undefined;
  if (mode === 'iface') return iface(found, names, line, adapter, op, options);
  if (mode === 'discovery' || mode === 'discoverydb') return discovery(found, names, line, adapter, op, options);
  return mode === 'node' ? node(found, names, line, adapter, op, options) : '';
}

type Options = ReadonlyMap<string, string>;

function iface(found: Found, names: MachineNames, line: Line, adapter: string, op: string, options: Options): string | undefined {
  if (op === '' || op === 'show') return undefined;
  names.seen(line, adapter);
  if (op === 'new') return undefined;
  if (op !== 'update') return 'What is deleted is not followed.';
  const value = options.get('value') ?? '';
  const key = { 'iface.transport_name': 'transport', 'iface.net_ifacename': 'nic', 'iface.initiatorname': 'initiator' }[
    options.get('name') ?? ''
  ];
  if (key === undefined || (key === 'transport' && value !== 'tcp' && value !== 'iser'))
    return 'The fabric file has no such setting of an adapter.';
  found.say(line, ['iscsi', adapter, key], value);
  return undefined;
}

function discovery(found: Found, names: MachineNames, line: Line, adapter: string, op: string, options: Options): string | undefined {
  const server = options.get('portal');
  if (server === undefined) return options.has('type') ? '' : undefined;
  if (!/^(?:st|sendtargets)$/.test(options.get('type') ?? '')) return 'Only servers that are asked by SendTargets are read.';
  const address = serverOf(server);
  if (address === undefined) return `\`${server.slice(0, 80)}\` is no address.`;
  names.seen(line, adapter);
  const key = ['iscsi', adapter, 'discovery', address];
  found.say(line, [...key, 'present'], true);
  if (op !== 'update') return undefined;
  return tellParameter(found, line, key, options.get('name') ?? '', options.get('value') ?? '');
}

function node(found: Found, names: MachineNames, line: Line, adapter: string, op: string, options: Options): string | undefined {
  if (op === '' || op === 'show') return undefined;
  const target = options.get('targetname');
  const portal = options.get('portal');
  const address = portal === undefined ? undefined : serverOf(portal.replace(/,-?\d+$/, ''));
  if (portal !== undefined && address === undefined) return `\`${portal.slice(0, 80)}\` is no address.`;
  names.seen(line, adapter);
  const key = ['iscsi', adapter];
  if (target !== undefined) {
    found.say(line, [...key, 'targets', target, 'present'], true);
    if (op === 'new' && address !== undefined) found.say(line, [...key, 'targets', target, 'address'], address);
  }
  if (op === 'new') return target === undefined || address === undefined ? '' : undefined;
  if (op !== 'update') return 'What is deleted is not followed.';
  const name = options.get('name') ?? '';
  if (name === 'node.startup' || name === 'node.conn[0].startup') return undefined;
  const place = target !== undefined ? ['targets', target] : address === undefined ? [] : ['discovery', address];
  if (place[0] === 'discovery') found.say(line, [...key, ...place, 'present'], true);
  return tellParameter(found, line, [...key, ...place], name, options.get('value') ?? '');
}
