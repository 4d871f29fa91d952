/** Text cut and filled to columns of a terminal: wide characters (Unicode Standard Annex #11) take two of them, combining ones none. */
import { plainLine } from '../plain-text.ts';

/** How lines may look. */
export interface Style {
  /** The terminal shows more than ASCII. */
  readonly unicode: boolean;
}

const COMBINING = /[\p{Mn}\p{Me}\p{Cf}\u115f-\u11ff]/u;
/** East Asian scripts and what is drawn as wide as they are. */
const WIDE =
  /[\u1100-\u115e\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{20000}-\u{3fffd}]/u;
const EMOJI = /\p{Emoji_Presentation}/u;

const PLAIN = /^[ -~]*$/;

/** Columns that it takes. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

const characterWidth = (character: string): number =>
  character < '\u0300' ? 1 : COMBINING.test(character) ? 0 : WIDE.test(character) || EMOJI.test(character) ? 2 : 1;

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
