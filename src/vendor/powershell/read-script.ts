/** Cmdlets as somebody typed them: what they set. */
import type { OutputKind, ReadContext, Reading } from '../core/dialect.ts';
import { Found } from '../core/found.ts';
import { type Line, splitLines } from '../core/lines.ts';
import { INITIATOR_REMARK } from './emit-iscsi.ts';
import type { Handler, ScriptState, Told } from './handler.ts';
import { defaultsOf, says } from './keys.ts';
import { ADAPTER_CMDLETS, settleVlans } from './read-adapter.ts';
import { DCB_CMDLETS } from './read-dcb.ts';
import { HOST_CMDLETS } from './read-host.ts';
import { VIRTUAL_CMDLETS } from './read-virtual.ts';
import { joined, statementOf, withoutPrompt } from './words.ts';

const HANDLERS: ReadonlyMap<string, Handler> = new Map([
  ...Object.entries(DCB_CMDLETS),
  ...Object.entries(ADAPTER_CMDLETS),
  ...Object.entries(VIRTUAL_CMDLETS),
  ...Object.entries(HOST_CMDLETS),
]);

/** What shows, starts and installs: there is no setting in it. */
const HARMLESS =
  /^(?:get-|test-|start-|restart-|install-windowsfeature$|add-windowsfeature$|set-service$|restart-netadapter$|import-module$|write-)/;

const SETTING =
  /^[ \t]*(?:(?:\[[^\]]{1,255}\]: )?(?:PS(?: [^>]{0,255})?>|\\?>)[ \t]*)?(?:Set|New|Add|Enable|Disable|Remove|Connect)-[A-Za-z]{2,40}/im;

export const script: OutputKind = {
  name: 'PowerShell cmdlets',
  recognise: (text) => (SETTING.test(text.slice(0, 20_000)) ? 0.85 : 0),
  read: (text, context) => readScript(text, context),
};

function readScript(text: string, context: ReadContext): Reading {
  const { lines, errors } = splitLines(text);
  const found = new Found(context.file, errors);
  const state: ScriptState = { found, initiator: 'iscsi', mutualSecret: undefined, mutual: [] };
  let typed = 0;
  for (const line of joined(lines)) {
    const command = withoutPrompt(line.text);
    if (command.startsWith(INITIATOR_REMARK)) state.initiator = command.slice(INITIATOR_REMARK.length).trim();
    if (command === '' || command.startsWith('#')) continue;
    const told = readStatement(state, line);
    if (told === true) typed += 1;
    else found.unknown(line, told === '' ? undefined : told);
  }
  for (const { line, key } of state.mutual) if (state.mutualSecret !== undefined) found.say(line, [...key, 'secret'], state.mutualSecret);
  settleVlans(found);
  if (typed === 0 && errors.length === 0)
    found.wrong(lines.find((line) => line.text !== '')?.number ?? 1, 'There is no cmdlet here that sets anything.');
  // Whether a secret is the right one nobody can see.
  return found.reading('host', (key) => says(key) && key.at(-1) !== 'secret', defaultsOf(found));
}

function readStatement(state: ScriptState, line: Line): Told {
  const statement = statementOf(line);
  if (statement === undefined) return 'Pipelines and several statements in a line are not read.';
  const first = withoutPrompt(line.text).split(/\s+/, 3);
  if (first[0]!.toLowerCase() === 'iscsicli') return readIscsicli(state, line, first);
  const { cmdlet, parameters } = statement;
  if (HARMLESS.test(cmdlet)) return true;
  const handler = HANDLERS.get(cmdlet);
  if (handler === undefined) return '';
  const told = handler(state, line, parameters);
  if (told !== true) return told;
  return parameters.left.length === 0 ? true : `Not understood of it: ${parameters.left.join(', ').slice(0, 200)}.`;
}

function readIscsicli(state: ScriptState, line: Line, words: readonly string[]): Told {
  if (words[1]?.toLowerCase() !== 'nodename' || words[2] === undefined) return '';
  state.found.say(line, ['iscsi', state.initiator, 'initiator'], words[2]);
  return true;
}
