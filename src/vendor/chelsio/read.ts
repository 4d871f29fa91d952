/** What was typed for Chelsio's drivers, what their parameters are, and which ports and functions the bus has. */
import { shellWords } from '../core/shell-words.ts';
import type { OutputKind, ReadContext, Reading } from '../core/dialect.ts';
import { Found } from '../core/found.ts';
import { splitLines } from '../core/lines.ts';
import type { SettingValue } from '../core/setting.ts';
import { readEsxcfg } from '../esxcli/esxcfg.ts';
import { listing } from '../esxcli/listing.ts';
import { readParameters } from '../esxcli/read-network-commands.ts';
import { hostOf, withoutPrompt } from '../esxcli/shell.ts';

const TYPED =
  /^(?:(?:\[[^\]@\s]{0,64}@[^\]]{0,255}\] ?[#$]?|~ #)\s*)?(?:esxcfg-module\s+(?:-s|cxl|cheiscsi)\s|\/opt\/chelsio\/bin\/cxgbtool\s|vmkload_mod\s)/m;

/** Shows, restarts, loads what is loaded at the next start anyway. */
const HARMLESS =
  /^(?:reboot|exit|esxcfg-rescan|kill -SIGHUP|lspci|dmesg|esxcfg-module (?:-g|--get-options)|\/opt\/chelsio\/bin\/cxgbtool -c (?:version|esxcfg -set))/;

export const says = (key: readonly string[]): boolean =>
  (key[0] === 'drivers' && (key[1] === 'cxl' || key[1] === 'cheiscsi')) ||
  (key[0] === 'nics' && key[2] === 'sriov' && key[3] === 'functions');

export const commands: OutputKind = {
  name: 'commands for cxl and cheiscsi',
  recognise: (text) => (TYPED.test(text.slice(0, 20_000)) && !/esxcfg-vswitch|esxcli /.test(text.slice(0, 20_000)) ? 0.95 : 0),
  read: readCommands,
};

function readCommands(text: string, context: ReadContext): Reading {
  const { lines, errors } = splitLines(text);
  const found = new Found(context.file, errors);
  found.node = hostOf(lines);
  let typed = 0;
  for (const line of lines) {
    const command = withoutPrompt(line.text).text;
    if (command === '' || command.startsWith('#')) continue;
    if (HARMLESS.test(command)) {
      typed += 1;
      continue;
    }
    const words = shellWords(command) ?? [];
    if (words[0] === 'esxcfg-module') {
      const told = readEsxcfg(found, line, words);
      if (told === true) typed += 1;
      else found.unknown(line, told === '' ? undefined : told);
    } else if (words[0] === 'vmkload_mod' && words.length > 2 && !words.includes('-u'))
      found.unknown(line, 'Parameters given when a module is loaded are gone at the next start.');
    else if (words[0] === 'vmkload_mod' && words.length > 1) typed += 1;
    else found.unknown(line);
  }
  if (typed === 0 && errors.length === 0)
    found.wrong(lines.find((line) => line.text !== '')?.number ?? 1, 'There is no command for Chelsio drivers here.');
  return found.reading(
    'host',
    (key) => key[0] === 'drivers' && says(key),
    (key) => defaultOf(key, found),
  );
}

/** Ports may have said it (`sriov`): that nobody declared the list of the driver is no difference, another list is. */
const defaultOf = (key: readonly string[], found: Found): SettingValue | undefined =>
  key[1] === 'cxl' && key[2] === 'max_vfs' ? found.value(key) : undefined;

/** `cxl enabled = 1 options = 'max_vfs=2,2'`. */
const listedOptions: OutputKind = listing({
  name: 'esxcfg-module -g cxl',
  command: /esxcfg-module\s+(?:-g|--get-options)\s+(?:cxl|cheiscsi)\b/,
  mark: /^ *(?:cxl|cheiscsi) enabled = \d options = '/m,
  covers: (key) => key[0] === 'drivers' && says(key),
  defaultOf,
  read: (found, lines) => {
    let isSuch = false;
    for (const line of lines) {
      const match = /^\s*(cxl|cheiscsi) enabled = (\d) options = '([^']*)'$/.exec(line.text);
      if (match !== null) found.see(['drivers', match[1]!]);
      if (match !== null && readParameters(found, line, match[1]!, match[3]!)) isSuch = true;
      else if (line.text.trim() !== '') found.unknown(line);
      if (match?.[2] === '0') found.unknown(line, 'The module is not loaded when the host starts.');
    }
    return isSuch;
  },
});

/** Modules of others print alike; these two are nobody else's. */
export const options: OutputKind = { ...listedOptions, recognise: (text) => (listedOptions.recognise(text) > 0 ? 0.97 : 0) };

/** Functions 0 to 3 are ports, 4 to 7 are not for the network; device 1 of the slot has the virtual functions. */
const DEVICE =
  /^\s*(?:([0-9a-f]{4}):)?([0-9a-f]{2}):([0-9a-f]{2})\.([0-7]) [^:]{1,64}: Chelsio Communications Inc\.? [^[]{1,120}(?:\[([^\]]{1,64})\])?$/i;
const FUNCTION = /^PF (\d{1,5})\.(\d{1,3})\.([0-7])_VF (\d{1,3})$/;

export const bus: OutputKind = listing({
  name: 'lspci | grep Chelsio',
  isWhole: true,
  command: /lspci\b/,
  mark: /: Chelsio Communications Inc/,
  covers: (key) => key[0] === 'nics' && key[2] === 'sriov' && key[3] === 'functions',
  defaultOf: () => 0,
  read: (found, lines) => {
    /** Ports by slot and function. */
    const ports = new Map<string, { readonly name: string; readonly line: (typeof lines)[number]; functions: number }>();
    let isSuch = false;
    for (const line of lines) {
      const match = DEVICE.exec(line.text);
      if (match === null) {
        if (line.text.trim() !== '') found.unknown(line);
        continue;
      }
      isSuch = true;
      const [, , slot, device, number, label] = match;
      const virtual = FUNCTION.exec(label ?? '');
      if (virtual !== null) {
        const port = ports.get(`${Number(virtual[2])}.${virtual[3]}`);
        if (port === undefined) found.unknown(line, 'The port that it is a function of has no name here.');
        else port.functions += 1;
      } else if (label !== undefined && /^vmnic\d{1,3}$/.test(label))
        ports.set(`${Number.parseInt(slot!, 16)}.${number}`, { name: label, line, functions: 0 });
      else if (device === '00' && Number(number) < 4) found.unknown(line, 'A port whose name is not shown.');
    }
    for (const { name, line, functions } of ports.values())
      found.say(line, ['nics', name, 'sriov', 'functions'], functions, functions === 0);
    return isSuch;
  },
});
