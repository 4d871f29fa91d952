/** Reads the secrets that a declaration and the environment name: only to be looked for in a report, and to be left out of it. */
import type { SecretSource } from '../../fabric/model-parts.ts';
import { besideFile } from '../../fabric/plan.ts';
import type { DeclaredSource, KeepsSource } from './blotted.ts';
import type { KnownSecret } from './secret-scan.ts';
import { isSecretName } from './secret-words.ts';

/** The bytes of a source; undefined: it has none, or they can't be read. */
export type PeekSecret = (source: SecretSource) => Uint8Array | undefined;

export interface SecretSources {
  readonly keeps: KeepsSource;
  readonly secrets: readonly KnownSecret[];
  /** Where a secret is declared that could not be read: the report could not be searched for it. */
  readonly unresolved: readonly { readonly where: string; readonly source?: string }[];
}

/** Variables of other meaning have short values: `COLORTERM`-like words are not looked for. */
const ENVIRONMENT_SECRET_MIN = 12;

export function secretSources(file: string, environment: Readonly<Record<string, string | undefined>>, peek: PeekSecret): SecretSources {
  const secrets: KnownSecret[] = [];
  const unresolved = new Map<string, { readonly where: string; readonly source?: string }>();
  const add = (bytes: Uint8Array, isGuess: boolean): void => void secrets.push({ bytes, isGuess });
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || !isSecretName(name)) continue;
    if (value.length >= ENVIRONMENT_SECRET_MIN || name === 'SAMEWIRE_PAGE_TOKEN') add(Buffer.from(value), false);
  }
  const keeps = ({ source, where }: DeclaredSource): boolean => {
    const found = peek(source.kind === 'env' ? source : { kind: 'file', path: besideFile(file, source.path) });
    if (found !== undefined) {
      add(found, false);
      return true;
    }
    const kept = source.kind === 'env' && isVariableName(source.name);
    unresolved.set(where, kept ? { where, source: source.name } : { where });
    // What names nothing may be the secret itself.
    if (!kept) add(Buffer.from(source.kind === 'env' ? source.name : source.path), true);
    return kept;
  };
  return {
    keeps,
    secrets,
    get unresolved() {
      return [...unresolved.values()];
    },
  };
}

/** As everybody writes them (POSIX.1-2024, XBD 8.1): a secret seldom looks so. */
const isVariableName = (name: string): boolean => /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/.test(name) && (name.includes('_') || name.length <= 12);
