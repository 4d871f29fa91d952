/** Text cut and filled to columns of a terminal: wide characters (Unicode Standard Annex #11) take two of them, combining ones none. */
import { plainLine } from '../plain-text.ts';

/** How lines may look. */
export interface Style {
  /** The terminal shows more than ASCII. */
  readonly unicode: boolean;
}

const COMBINING = /[\p{Mn}\p{Me}\p{Cf}]/u;
const EMOJI = /\p{Emoji_Presentation}/u;
/** East Asian scripts and what is drawn as wide as they are, from and to. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115e],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1aff0, 0x1b2ff],
  [0x20000, 0x3fffd],
];
/** Korean vowels and final consonants join the one before. */
const JOINING = [0x115f, 0x11ff] as const;

const PLAIN = /^[ -~]*$/;

/** Columns that it takes. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0)!;
  if (code < 0x300) return 1;
  if (WIDE.some(([from, to]) => code >= from && code <= to)) return 2;
  if ((code >= JOINING[0] && code <= JOINING[1]) || COMBINING.test(character)) return 0;
  return EMOJI.test(character) ? 2 : 1;
}

/** Exactly so many columns: cut at the end, or filled. What devices say is made harmless. */
export function fit(text: string, columns: number, style: Style): string {
  const plain = plainLine(text);
  const width = widthOf(plain);
  if (width <= columns) return plain + ' '.repeat(columns - width);
  const mark = style.unicode ? '…' : '~';
  const kept = columns <= 0 ? '' : start(plain, columns - 1) + mark;
  return kept + ' '.repeat(Math.max(0, columns - widthOf(kept)));
}

/** The same cut at the front: of names, the end is where they differ. */
export function fitEnd(text: string, columns: number, style: Style): string {
  const plain = plainLine(text);
  if (widthOf(plain) <= columns) return fit(plain, columns, style);
  const reversed = start([...plain].reverse().join(''), columns - 1);
  const kept = columns <= 0 ? '' : (style.unicode ? '…' : '~') + [...reversed].reverse().join('');
  return kept + ' '.repeat(Math.max(0, columns - widthOf(kept)));
}

/** As many characters as have room. */
function start(text: string, columns: number): string {
  let kept = '';
  let width = 0;
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns) break;
    kept += character;
  }
  return kept;
}

export const alignRight = (text: string, columns: number): string => ' '.repeat(Math.max(0, columns - widthOf(text))) + text;
