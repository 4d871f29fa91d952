/** The same for a text that is no YAML: line by line, what is not known to be harmless is blotted. */
import type { SecretSource } from '../../fabric/model-parts.ts';
import type { Blotted, KeepsSource } from './blotted.ts';
import { isHarmless } from './harmless.ts';
import { schemaWords } from './schema-cursor.ts';
import { BLOT, hideTold, isSecretName } from './secret-words.ts';

/** What a line is made of: quoted texts, whether they are closed or not, brackets, words, and what is between. */
const TOKEN = /"(?:[^"\\]|\\.)*"?|'[^']*'?|[{}[\],]|[^\s{}[\],"']+|\s+/g;

const KEY = /^(["']?)([^"']*)\1:$/;

interface State {
  /** The key that values belong to. */
  key: string;
  /** The column of a key whose values are secret; undefined: there is none above. */
  secretColumn: number | undefined;
}

export function blotLines(text: string, keeps: KeepsSource): Omit<Blotted, 'byLines'> {
  const values: string[] = [];
  const state: State = { key: '', secretColumn: undefined };
  const counts = { blots: 0, comments: 0 };
  const hide = (token: string): string => {
    const bare = token.replace(/^["']|["']$/g, '');
    if (bare.trim() === '' || bare === '-' || bare === ':') return token;
    // Elsewhere only what stood at the place of a secret is looked for.
    values.push(...(state.secretColumn === undefined ? [] : [bare]), ...hideTold(bare).values);
    counts.blots += 1;
    return BLOT;
  };
  const lines = text.split('\n').map((whole, index) => {
    const [line, comment] = withoutComment(whole.replace(/\r$/, ''));
    if (comment !== undefined) {
      counts.comments += 1;
      values.push(...hideTold(comment).values);
    }
    const indent = /^[ \t]*/.exec(line)![0].length;
    // Brackets and quotes can't be counted on; a key that is indented no more than the one before can.
    if (state.secretColumn !== undefined && indent <= state.secretColumn && /^\s*[\w."'-]+:(?:\s|$)/.test(line))
      state.secretColumn = undefined;
    const told = `line ${index + 1}`;
    const shown = line.startsWith('%')
      ? hide(line)
      : (line.match(TOKEN) ?? [])
          .map((token) => (token.trim() === '' ? token : shownToken(token, indent, told, state, hide, keeps)))
          .join('');
    return `${shown}${comment === undefined ? '' : '#'}`;
  });
  return { text: lines.join('\n'), values, ...counts };
}

/** Also in quotes: where nobody knows which quotes belong together, a `#` may be behind them. */
function withoutComment(line: string): readonly [string, string | undefined] {
  const at = line.search(/(?<![^\s])#/);
  return at === -1 ? [line, undefined] : [line.slice(0, at), line.slice(at)];
}

function shownToken(
  token: string,
  indent: number,
  where: string,
  state: State,
  hide: (token: string) => string,
  keeps: KeepsSource,
): string {
  const isSecret = state.secretColumn !== undefined;
  if (/^[{}[\],]$/.test(token)) return token;
  const name = KEY.exec(token)?.[2];
  if (name === undefined && isSecret && (state.key === 'env' || state.key === 'file')) {
    const bare = token.replace(/^["']|["']$/g, '');
    const source: SecretSource = state.key === 'env' ? { kind: 'env', name: bare } : { kind: 'file', path: bare };
    return keeps({ source, where }) ? token : hide(token);
  }
  if (isSecret) {
    state.key = name ?? state.key;
    return name !== undefined && schemaWords().keys.has(name) ? token : hide(token);
  }
  const bare = name ?? token.replace(/^["']|["']$/g, '');
  if (isSecretName(bare.split(/[:=]/)[0]!) || bare.toLowerCase() === 'chap') {
    Object.assign(state, { secretColumn: indent, key: '' });
    const end = bare.search(/[:=]/);
    return end === -1 ? token : `${bare.slice(0, end + 1)}${hide(bare.slice(end + 1))}`;
  }
  if (hideTold(token).values.length > 0) return hide(token);
  if (name !== undefined) {
    state.key = name;
    return /^[\w.:*/-]{1,224}$/.test(name) ? token : `${hide(name)}:`;
  }
  return token === '-' || isHarmless(bare) || schemaWords().keys.has(state.key) ? token : hide(token);
}
