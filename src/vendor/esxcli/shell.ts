/** Lines of the ESXi shell: prompts before commands, options of esxcli. */
import type { Line } from '../core/lines.ts';

/** Said of a command: that it was understood, or why not. */
export type Told = true | string;

const PROMPT = /^\[[^\]@\s]{0,64}@([^\]:\s]{0,255})[^\]]{0,255}\] ?[#$]?\s*/;
/** `# esxcli ...` as documents print it is no remark. */
const BARE_PROMPT = /^(?:(?:~|\/[^\s#$]{0,255}) [#$] ?|# (?=esxc))/;

export interface ShellLine {
  /** The machine's name, where the prompt has it. */
  readonly host: string | undefined;
  readonly text: string;
  readonly prompted: boolean;
}

/** `[root@esx1:~] esxcli network nic list`, or `~ # esxcli network nic list`. */
export function withoutPrompt(text: string): ShellLine {
  const trimmed = text.trimStart();
  const prompt = PROMPT.exec(trimmed) ?? BARE_PROMPT.exec(trimmed);
  if (prompt === null) return { host: undefined, text: trimmed, prompted: false };
  const host = prompt[1] === undefined || prompt[1] === '' || prompt[1] === 'localhost' ? undefined : prompt[1];
  return { host, text: trimmed.slice(prompt[0].length).trim(), prompted: true };
}

/** Options of one command, each of which has to be asked for. */
export class Options {
  readonly #values = new Map<string, string>();
  readonly #asked = new Set<string>();

  constructor(words: readonly string[]) {
    for (let index = 0; index < words.length; index += 1) {
      const word = words[index]!;
      const name = word.replace(/^--?/, '').split('=', 1)[0]!;
      if (word.includes('=')) this.#values.set(name, word.slice(word.indexOf('=') + 1));
      else if (index + 1 < words.length && (!words[index + 1]!.startsWith('-') || words[index + 1] === '-')) {
        this.#values.set(name, words[index + 1]!);
        index += 1;
      } else this.#values.set(name, 'true');
    }
  }

  take(...names: readonly string[]): string | undefined {
    let found: string | undefined;
    for (const name of names) {
      this.#asked.add(name);
      found ??= this.#values.get(name);
    }
    return found;
  }

  /** Options that nobody asked for. */
  get left(): readonly string[] {
    return [...this.#values.keys()].filter((name) => !this.#asked.has(name));
  }
}

export interface EsxcliCommand {
  /** `network vswitch standard add`. */
  readonly path: string;
  readonly options: Options;
}

export function esxcliCommand(words: readonly string[]): EsxcliCommand {
  const first = words.findIndex((word) => word.startsWith('-'));
  const end = first === -1 ? words.length : first;
  return { path: words.slice(1, end).join(' '), options: new Options(words.slice(end)) };
}

/** `true`, `1`, `yes`, `on`; undefined: none of them nor of their opposites. */
export function yesOf(written: string | undefined): boolean | undefined {
  const word = written?.toLowerCase();
  if (word === 'true' || word === '1' || word === 'yes' || word === 't' || word === 'on' || word === 'accept') return true;
  return word === 'false' || word === '0' || word === 'no' || word === 'f' || word === 'off' || word === 'reject' ? false : undefined;
}

/** The first prompt that names the machine. */
export const hostOf = (lines: readonly Line[]): string | undefined =>
  lines
    .slice(0, 200)
    .map(({ text }) => withoutPrompt(text).host)
    .find((host) => host !== undefined);
