/** Running configurations in blocks: a line that opens one, and lines below it, indented by devices and flush in what people write down. */
import type { CommandLine } from './command-lines.ts';
import { type Draft, isTooMuch, note, type Verdict } from './draft.ts';

/** Reads lines of an open block. */
export type Block = (line: CommandLine) => Verdict;

export interface Opening {
  readonly verdict: Verdict;
  /** Undefined: nothing is open behind this line. */
  readonly block: Block | undefined;
}

/** What is below a line that nobody knows is unknown too. */
const unknownBlock: Block = () => false;

/** `open`: undefined is a line that stands in no block and opens none. */
export function readBlocks(draft: Draft, lines: readonly CommandLine[], open: (line: CommandLine) => Opening | undefined): void {
  let block: Block | undefined;
  /** Of indented lines: not the open block's where an unknown line that is flush stands between. */
  let indented: Block | undefined;
  for (const line of lines) {
    if (isTooMuch(draft)) return;
    if (indented !== undefined && line.indent > 0) {
      note(draft, line, indented(line));
      continue;
    }
    const opening = open(line);
    if (opening !== undefined && opening.verdict !== false) {
      note(draft, line, opening.verdict);
      draft.isWhole ||= opening.verdict === true && !/^int(erface)?$/.test(line.words[0] ?? '');
      block = opening.block;
      indented = block;
      continue;
    }
    const inside = block === undefined ? false : block(line);
    note(draft, line, inside);
    indented = inside === false ? unknownBlock : block;
  }
}
