/** Lines of a shell as people paste them: with prompts, quotes and substitutions that are kept whole. */

/** The words of a line; undefined: quotes that do not end. */
export function shellWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    if (character === '"' || character === "'") {
      const end = text.indexOf(character, at + 1);
      if (end === -1) return undefined;
      word = (word ?? '') + text.slice(at + 1, end);
      at = end;
    } else if (character === '$' && text[at + 1] === '(') {
      const end = endOfSubstitution(text, at + 1);
      if (end === -1) return undefined;
      word = (word ?? '') + text.slice(at, end + 1);
      at = end;
    } else if (character === ' ' || character === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (word !== undefined) words.push(word);
  return words;
}

function endOfSubstitution(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0) return at;
  }
  return -1;
}

const PROGRAMS =
  'ip|bridge|tc|dcb|ethtool|mlnx_qos|cma_roce_mode|cma_roce_tos|devlink|echo|dhclient|sysctl|mkdir|cat|ibdev2netdev|show_gids|tc_wrap\\.py|lsmod|modprobe';
/** `root@lin1:~#`, `[root@lin1 ~]#`, `#` and `$`, with or without blanks behind. */
const PROMPT = new RegExp(
  `^\\s*(?:\\[?[\\w.-]{1,64}@[^\\s#$]{1,64}(?: [^\\s#$]{1,64})?\\]?)?[#$]\\s*(?=(?:sudo\\s+)?(?:${PROGRAMS})(?:\\s|$))`,
);

/** Without a prompt and `sudo`; undefined: a comment, or nothing. */
export function commandOf(line: string): string | undefined {
  const text = line
    .replace(PROMPT, '')
    .trim()
    .replace(/^sudo\s+/, '');
  return text === '' || text.startsWith('#') ? undefined : text;
}
