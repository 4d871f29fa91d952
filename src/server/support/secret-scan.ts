/** Finds secrets whose bytes are known, in the forms in which they may slip out, in anything: the second net, under what was hidden by its place. */
import { be32 } from '../../base/bytes.ts';
import { HIDDEN, isBlotted } from './secret-words.ts';
import { isHarmless } from './harmless.ts';

export interface KnownSecret {
  readonly bytes: Uint8Array;
  /** It may be a word that somebody wrote at a wrong place: then it is looked for as a whole word only. */
  readonly isGuess: boolean;
}

/** Shorter ones stand in too much to be looked for. */
const BYTES_MIN = 4;
/** Shorter ones are looked for as whole words. */
const WORD_BYTES = 8;
/** So much of a long one is enough: messages cut what they cite. */
const HEAD_BYTES = 48;
const SECRETS_MAX = 20_000;

interface Form {
  readonly bytes: Uint8Array;
  readonly isWord: boolean;
  readonly instead: Uint8Array;
}

export interface Scanned {
  readonly bytes: Uint8Array;
  readonly found: number;
}

export interface SecretScanner {
  /** `sameLength`: what is replaced takes as many bytes as before. */
  scan(bytes: Uint8Array, sameLength?: boolean): Scanned;
  readonly secrets: number;
}

/** What is looked for: those too short to be anybody's are left out. */
export function secretScanner(known: readonly KnownSecret[]): SecretScanner {
  const distinct = new Map<string, KnownSecret>();
  for (const one of known) {
    if (one.bytes.length < BYTES_MIN || distinct.size >= SECRETS_MAX) continue;
    const text = Buffer.from(one.bytes).toString();
    if (one.isGuess && (isHarmless(text) || isBlotted(text) || text === HIDDEN || /^[^\p{L}\p{N}]*$/u.test(text))) continue;
    const key = Buffer.from(one.bytes).toString('latin1');
    if (distinct.get(key)?.isGuess !== false) distinct.set(key, one);
  }
  const forms = [...distinct.values()].flatMap(formsOf);
  const byStart = new Map<number, Form[]>();
  for (const form of forms) {
    const start = startOf(form.bytes, 0);
    const some = byStart.get(start);
    if (some === undefined) byStart.set(start, [form]);
    else some.push(form);
  }
  // The longest first: what is found is found whole.
  for (const some of byStart.values()) some.sort((a, b) => b.bytes.length - a.bytes.length);
  const starts = new Uint8Array(1 << 16);
  for (const start of byStart.keys()) starts[start] = 1;
  return { secrets: distinct.size, scan: (bytes, sameLength = false) => scan(bytes, starts, byStart, sameLength) };
}

/** Four bytes, stirred to sixteen bits: few places have one at which nothing begins. */
const stirred = (four: number): number => Math.imul(four, 0x9e3779b1) >>> 16;

const startOf = (bytes: Uint8Array, at: number): number => stirred(be32(bytes, at));

function scan(bytes: Uint8Array, starts: Uint8Array, byStart: ReadonlyMap<number, readonly Form[]>, sameLength: boolean): Scanned {
  const pieces: Uint8Array[] = [];
  let [kept, found] = [0, 0];
  for (let at = 0; at + BYTES_MIN <= bytes.length; at += 1) {
    const start = startOf(bytes, at);
    if (starts[start] === 0) continue;
    const form = byStart.get(start)!.find((one) => stands(one, bytes, at));
    if (form === undefined) continue;
    found += 1;
    pieces.push(bytes.subarray(kept, at), sameLength ? new Uint8Array(form.bytes.length).fill(0x78) : form.instead);
    kept = at + form.bytes.length;
    at = kept - 1;
  }
  return found === 0 ? { bytes, found } : { bytes: Buffer.concat([...pieces, bytes.subarray(kept)]), found };
}

function stands({ bytes: wanted, isWord }: Form, bytes: Uint8Array, at: number): boolean {
  if (at + wanted.length > bytes.length) return false;
  for (let index = 0; index < wanted.length; index += 1) if (bytes[at + index] !== wanted[index]) return false;
  return !isWord || !(isLetter(bytes[at - 1]) || isLetter(bytes[at + wanted.length]));
}

const isLetter = (byte: number | undefined): boolean =>
  byte !== undefined && (byte >= 0x80 || /[A-Za-z0-9_]/.test(String.fromCharCode(byte)));

/** As it is; as JSON, YAML, an address or a listing shows it; in hexadecimal and Base64 (RFC 4648), wherever in a longer text of these it begins. */
function formsOf({ bytes: whole, isGuess }: KnownSecret): Form[] {
  const short = whole.length < WORD_BYTES;
  const texts = new Set<string>();
  const bytes = Buffer.from(whole);
  for (const part of bytes.length > HEAD_BYTES ? [bytes, bytes.subarray(0, HEAD_BYTES)] : [bytes]) {
    const text = part.toString();
    const isText = Buffer.from(text).equals(part);
    if (isText) {
      const percent = encodeURIComponent(text);
      for (const one of [text, quotedText(text), percent, percent.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())]) texts.add(one);
      texts.add(text.replaceAll("'", "''")).add(unicodeText(text));
      // Forms of pages encode more, and spaces in their own way (URL Standard §5.2).
      const strict = percent.replace(/[!'()~]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
      for (const one of [percent, strict]) texts.add(one).add(one.replaceAll('%20', '+'));
    }
    if (isGuess && short) continue;
    const hexadecimal = part.toString('hex');
    const pairs = hexadecimal.match(/../g) ?? [];
    for (const one of [hexadecimal, pairs.join(':'), pairs.join(' '), pairs.join('-'), pairs.map((pair) => `\\x${pair}`).join('')])
      texts.add(one).add(one.toUpperCase().replaceAll('\\X', '\\x'));
    for (const one of base64Forms(part)) texts.add(one).add(one.replaceAll('+', '-').replaceAll('/', '_'));
  }
  const hidden = Buffer.from(HIDDEN);
  const forms: Form[] = [...texts].map((text) => ({ bytes: Buffer.from(text), isWord: short, instead: hidden }));
  forms.push({ bytes, isWord: short, instead: hidden });
  if (short) return forms.filter((form) => form.bytes.length >= BYTES_MIN);
  // A list of numbers is still one afterwards.
  for (const separator of [',', ', ', ' '])
    forms.push({ bytes: Buffer.from([...bytes].join(separator)), isWord: true, instead: Buffer.from('0') });
  forms.push({ bytes: Buffer.from(bytes.toString(), 'utf16le'), isWord: false, instead: hidden });
  return forms;
}

const quotedText = (text: string): string => JSON.stringify(text).slice(1, -1);

/** As programs write JSON that keep to ASCII. */
const unicodeText = (text: string): string =>
  quotedText(text).replace(/[\u007f-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Three bytes make four letters: depending on what comes before, a secret reads in three ways; letters that others share are left out. */
function base64Forms(bytes: Uint8Array): string[] {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([new Uint8Array(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const [first, last] = [Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6)];
    const own = text.slice(first, last);
    return own.length >= 10 ? [own] : [];
  });
}
