/** `ethtool -a|-k|-g|-l PORT` and `ethtool PORT` (ethtool 6.1): a title with the port's name, then names with values. */
import type { OutputKind, Reading } from '../core/dialect.ts';
import { Found } from '../core/found.ts';
import { type Line, splitLines } from '../core/lines.ts';
import { FEATURES } from './features.ts';
import { flowControlOf } from './pause.ts';

interface Part {
  readonly nic: string;
  readonly title: Line;
  /** Of a name that comes twice (most, and now) the last one counts. */
  readonly values: ReadonlyMap<string, { readonly line: Line; readonly value: string }>;
}

/** Which setting it is about; `settings` tells what a port has. */
interface About {
  readonly name: string;
  readonly title: RegExp;
  readonly keys: readonly (readonly string[])[];
  tell(found: Found, part: Part): void;
}

const isOn = (part: Part, name: string): boolean | undefined => {
  const value = part.values.get(name)?.value;
  return value === undefined ? undefined : value.startsWith('on');
};

const PAUSE: About = {
  name: 'ethtool -a PORT',
  title: /^Pause parameters for (\S{1,64}):$/,
  keys: [['flowControl']],
  tell: (found, part) => {
    const [receive, send] = [isOn(part, 'RX'), isOn(part, 'TX')];
    if (receive === undefined || send === undefined) return found.wrong(part.title, 'The lines `RX:` and `TX:` are missing.');
    found.say(
      part.values.get('RX')!.line,
      ['nics', part.nic, 'flowControl'],
      flowControlOf(isOn(part, 'Autonegotiate') === true, receive, send),
    );
  },
};

const FEATURE_LIST: About = {
  name: 'ethtool -k PORT',
  title: /^Features for (\S{1,64}):$/,
  keys: FEATURES.map(({ offload }) => ['offloads', offload]),
  tell: (found, part) => {
    for (const { offload, printed } of FEATURES) {
      const lines = printed.flatMap((name) => part.values.get(name) ?? []);
      // Everybody has some offloads on: that is nobody's wish.
      if (lines.length > 0)
        found.say(
          lines[0]!.line,
          ['nics', part.nic, 'offloads', offload],
          lines.some(({ value }) => value.startsWith('on')),
          true,
        );
    }
  },
};

const numbers =
  (names: Readonly<Record<string, string>>): About['tell'] =>
  (found, part) => {
    for (const [name, offload] of Object.entries(names)) {
      const one = part.values.get(name);
      if (one !== undefined && /^\d{1,9}$/.test(one.value) && Number(one.value) > 0)
        found.say(one.line, ['nics', part.nic, 'offloads', offload], Number(one.value), true);
    }
  };

const RINGS: About = {
  name: 'ethtool -g PORT',
  title: /^Ring parameters for (\S{1,64}):$/,
  keys: [
    ['offloads', 'receiveBuffers'],
    ['offloads', 'sendBuffers'],
  ],
  tell: numbers({ RX: 'receiveBuffers', TX: 'sendBuffers' }),
};

const CHANNELS: About = {
  name: 'ethtool -l PORT',
  title: /^Channel parameters for (\S{1,64}):$/,
  keys: [['offloads', 'receiveQueues']],
  tell: numbers({ RX: 'receiveQueues', Combined: 'receiveQueues' }),
};

const SPEED: About = {
  name: 'ethtool PORT',
  title: /^Settings for (\S{1,64}):$/,
  keys: [['speed']],
  tell: (found, part) => {
    const one = part.values.get('Speed');
    const megabits = /^(\d{1,7})Mb\/s$/.exec(one?.value ?? '')?.[1];
    if (megabits !== undefined) found.say(one!.line, ['nics', part.nic, 'speed'], Number(megabits) * 1e6, true);
  },
};

const ALL: readonly About[] = [PAUSE, FEATURE_LIST, RINGS, CHANNELS, SPEED];

export const ethtoolOutputs: readonly OutputKind[] = ALL.map((about) => ({
  name: about.name,
  recognise: (text) =>
    text
      .slice(0, 400)
      .split('\n')
      .some((line) => about.title.test(line.trimEnd()))
      ? 1
      : 0,
  read,
}));

/** Outputs of several ports, and of several questions, may stand behind one another. */
function read(text: string, { file }: { readonly file: string }): Reading {
  const { lines, errors } = splitLines(text);
  const found = new Found(file, errors);
  const covered: (readonly string[])[] = [];
  let about: About | undefined;
  let part: { nic: string; title: Line; values: Map<string, { line: Line; value: string }> } | undefined;
  const settle = (): void => {
    if (about === undefined || part === undefined) return;
    about.tell(found, part);
    covered.push(...about.keys.map((key) => ['nics', part!.nic, ...key]));
  };
  for (const line of lines) {
    const next = line.indent === 0 ? ALL.find(({ title }) => title.test(line.text)) : undefined;
    if (next !== undefined) {
      settle();
      about = next;
      part = { nic: next.title.exec(line.text)![1]!, title: line, values: new Map() };
      continue;
    }
    if (line.text.trim() === '') continue;
    const pair = /^\s*([^:]{1,60}):\s*(.*)$/.exec(line.text);
    if (pair !== null && part !== undefined) part.values.set(pair[1]!.trim(), { line, value: pair[2]! });
    // Lists of link modes go on in the next line.
    else if (part === undefined || about !== SPEED) found.unknown(line);
  }
  settle();
  if (part === undefined) found.wrong(1, 'No line says which port it is about, as `Pause parameters for p1:` does.');
  return found.reading('host', (key) =>
    covered.some((one) => one.length === key.length && one.every((step, index) => step === key[index])),
  );
}
