/** What a keyboard sends in raw mode, as names of keys: `a`, `ctrl-c`, `up`. Sequences as xterm and what imitates it send them (ECMA-48 §5.4, DEC VT220). */

const SEQUENCES: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  Z: 'shift-tab',
  '1~': 'home',
  '7~': 'home',
  '4~': 'end',
  '8~': 'end',
  '3~': 'delete',
  '5~': 'page-up',
  '6~': 'page-down',
};

const NAMED: Readonly<Record<string, string>> = {
  '\t': 'tab',
  '\r': 'enter',
  '\n': 'enter',
  ' ': 'space',
  '\u0008': 'backspace',
  '\u007f': 'backspace',
  '\u001b': 'escape',
};

/** A sequence that is longer is none. */
const SEQUENCE_MAX = 16;

/** Gives back a function that takes what was read and gives the keys in it. A sequence may come in pieces; what is no key we know is left out. */
export function keyReader(): (text: string) => string[] {
  let kept = '';
  return (text) => {
    const input = kept + text;
    const keys: string[] = [];
    kept = '';
    for (let at = 0; at < input.length; ) {
      const sequence = sequenceAt(input, at);
      if (sequence === 'unfinished') {
        kept = input.slice(at);
        break;
      }
      if (sequence !== undefined) {
        if (sequence.key !== undefined) keys.push(sequence.key);
        at += sequence.length;
        continue;
      }
      const character = String.fromCodePoint(input.codePointAt(at)!);
      const key = NAMED[character] ?? (character < ' ' ? `ctrl-${String.fromCharCode(character.charCodeAt(0) + 0x60)}` : character);
      if (!(character >= '\u0080' && character < '\u00a0')) keys.push(key);
      at += character.length;
    }
    return keys;
  };
}

/** Undefined: no sequence begins here. */
function sequenceAt(input: string, at: number): { readonly key: string | undefined; readonly length: number } | 'unfinished' | undefined {
  if (input[at] !== '\u001b' || (input[at + 1] !== '[' && input[at + 1] !== 'O')) return undefined;
  let end = at + 2;
  // Parameters, then one final byte.
  while (end < input.length && end - at < SEQUENCE_MAX && !/[@-~]/.test(input[end]!)) end += 1;
  if (end - at >= SEQUENCE_MAX) return { key: undefined, length: SEQUENCE_MAX };
  if (end === input.length) return 'unfinished';
  // With Shift, Alt or Control (`1;5A`) it is the same key to us.
  const text = input
    .slice(at + 2, end + 1)
    .replace(/^1;\d+(?=[A-Z]$)/, '')
    .replace(/;\d+(?=~$)/, '');
  return { key: SEQUENCES[text], length: end + 1 - at };
}
