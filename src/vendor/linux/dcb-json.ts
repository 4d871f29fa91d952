/** `dcb -j pfc|ets|app|dcbx|buffer show dev PORT` (iproute2 6.1: dcb/dcb_*.c). The output does not say the port. */
import type { OutputKind } from '../core/dialect.ts';
import type { Found } from '../core/found.ts';
import { type Json, listOf, numberOf, textOf } from '../core/json.ts';
import type { Protocol } from '../core/protocols.ts';
import { tellApplication, tellBuffer, tellClasses, tellDcbx, tellPfc, tellWilling } from './dcb-words.ts';
import { entriesIn, type Entry, looksLike, switchOf, valuesAt } from './json-output.ts';

type Tell = (found: Found, nic: string, entry: Entry) => void;
const indexesOf = (values: readonly Json[], wanted: (one: Json) => boolean): number[] =>
  values.flatMap((one, index) => (wanted(one) ? [index] : []));

const tellPfcOf: Tell = (found, nic, entry) =>
  tellPfc(
    found,
    entry.line,
    nic,
    indexesOf(valuesAt(entry, 'prio_pfc'), (one) => switchOf(one) === true),
  );

const tellEtsOf: Tell = (found, nic, entry) => {
  const willing = switchOf(entry.members.get('willing'));
  if (willing !== undefined) tellWilling(found, entry.line, nic, willing);
  const [map, algorithms, shares] = ['prio_tc', 'tc_tsa', 'tc_bw'].map((name) => valuesAt(entry, name));
  const classes = Array.from({ length: 8 }, (_, number) => ({
    number,
    priorities: indexesOf(map!, (one) => numberOf(one) === number),
    algorithm: textOf(algorithms![number]),
    bandwidth: numberOf(shares![number]),
  }));
  tellClasses(found, entry.line, nic, classes);
};

const SELECTORS: Readonly<Record<string, Protocol['selector']>> = {
  ethtype_prio: 'ethertype',
  stream_port_prio: 'tcp',
  dgram_port_prio: 'udp',
  port_prio: 'port',
  dscp_prio: 'dscp',
};

const tellAppOf: Tell = (found, nic, entry) => {
  for (const one of valuesAt(entry, 'default_prio'))
    tellApplication(found, one.line, nic, { selector: 'default', number: 0 }, numberOf(one) ?? 0);
  for (const [name, selector] of Object.entries(SELECTORS))
    for (const one of valuesAt(entry, name)) {
      const [protocol, priority] = (listOf(one) ?? []).map((value) => numberOf(value));
      if (protocol !== undefined && priority !== undefined) tellApplication(found, one.line, nic, { selector, number: protocol }, priority);
      else found.unknown({ number: one.line, text: name, indent: 0 }, 'The entry has a name instead of a number: `dcb -N` prints numbers.');
    }
};

const tellDcbxOf: Tell = (found, nic, { line, members }) => {
  const isSet = (name: string): boolean => switchOf(members.get(name)) === true;
  tellDcbx(found, line, nic, {
    host: isSet('host'),
    device: isSet('lld_managed'),
    cee: isSet('cee'),
    ieee: isSet('ieee'),
    isStatic: isSet('static'),
  });
};

/** Drivers make buffers themselves. */
const tellBuffersOf: Tell = (found, nic, entry) => {
  const map = valuesAt(entry, 'prio_buffer');
  for (const [number, size] of valuesAt(entry, 'buffer_size').entries()) {
    const priorities = indexesOf(map, (one) => numberOf(one) === number);
    if (priorities.length > 0) tellBuffer(found, entry.line, nic, number, priorities, numberOf(size), true);
  }
};

const kindOf = (object: string, pattern: RegExp, keys: readonly string[], tell: Tell): OutputKind => ({
  name: `dcb -j ${object} show dev PORT`,
  recognise: (text) => (looksLike(text, pattern) ? 1 : 0),
  read: (text, { file, port }) => {
    const { entries, found } = entriesIn(text, file, 'settings of a port');
    if (port === undefined) found.wrong(1, 'The output does not say which port it is of: name the port (`--port`).');
    else for (const entry of entries) tell(found, port, entry);
    return found.reading(
      'host',
      ([section, nic, dcb, what]) => section === 'nics' && nic === port && dcb === 'dcb' && keys.includes(what ?? ''),
    );
  },
});

export const dcbOutputs: readonly OutputKind[] = [
  kindOf('pfc', /"prio_pfc":/, ['pfc'], tellPfcOf),
  kindOf('ets', /"prio_tc":/, ['classes', 'willing'], tellEtsOf),
  kindOf('app', /"(?:\w+_prio)":\s*\[/, ['applications', 'dscp'], tellAppOf),
  kindOf('dcbx', /"(?:host|lld_managed|ieee|cee)":/, ['dcbx', 'agents'], tellDcbxOf),
  kindOf('buffer', /"prio_buffer":/, ['buffers'], tellBuffersOf),
];
