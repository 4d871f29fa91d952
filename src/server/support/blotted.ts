/** What is left of a declaration without its secrets, and who says what may stay. */
import type { SecretSource } from '../../fabric/model-parts.ts';

export interface DeclaredSource {
  readonly source: SecretSource;
  /** Its path as text. */
  readonly where: string;
}

/** Is this the name of a source? Else it may be the secret itself, and is blotted. */
export type KeepsSource = (declared: DeclaredSource) => boolean;

export interface Blotted {
  readonly text: string;
  /** What was blotted: it may stand elsewhere too. */
  readonly values: readonly string[];
  readonly blots: number;
  readonly comments: number;
  /** It is no YAML, and was looked at line by line: more is blotted than would have to be. */
  readonly byLines: boolean;
}
