/** Text of others on its way to a terminal: what could move the cursor or turn the writing around is made visible instead. */

export const plainText = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');

/** The same for one line: no line breaks, no tabs. */
export const plainLine = (text: string): string => plainText(text).replace(/[\n\t]/g, ' ');

export const count = (number: number, word: string, many = `${word}s`): string => `${number} ${number === 1 ? word : many}`;
