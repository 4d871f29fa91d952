/** Options of iscsiadm. */

/** Long and short names of the options that take a value. */
const VALUED: Readonly<Record<string, string>> = {
  m: 'mode',
  I: 'interface',
  T: 'targetname',
  p: 'portal',
  t: 'type',
  n: 'name',
  v: 'value',
  o: 'op',
  L: 'loginall',
  U: 'logoutall',
  P: 'print',
  d: 'debug',
  r: 'sid',
  H: 'host',
};
const FLAGS: Readonly<Record<string, string>> = { l: 'login', u: 'logout', D: 'discover', S: 'show', R: 'rescan', s: 'stats' };

/** Undefined: an option that there is not. Several `--op` are joined. */
export function optionsOf(words: readonly string[]): ReadonlyMap<string, string> | undefined {
  const options = new Map<string, string>();
  const set = (name: string, value: string): void => {
    const before = options.get(name);
    options.set(name, name === 'op' && before !== undefined ? `${before},${value}` : value);
  };
  const long = new Set(Object.values(VALUED));
  const flags = new Set(Object.values(FLAGS));
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]!;
    const [, dashes, name, , value] = /^(--?)([A-Za-z]+)(=(.*))?$/s.exec(word) ?? [];
    if (dashes === undefined) return undefined;
    const full = dashes === '--' ? name! : (VALUED[name!] ?? FLAGS[name!]);
    if (full === undefined) return undefined;
    if (flags.has(full)) set(full, 'yes');
    else if (!long.has(full)) return undefined;
    else if (value !== undefined) set(full, value);
    else {
      index += 1;
      if (index >= words.length) return undefined;
      set(full, words[index]!);
    }
  }
  return options;
}
