/** What reads one cmdlet. */
import type { Found } from '../core/found.ts';
import type { Line } from '../core/lines.ts';
import type { Parameters } from './words.ts';

/** Said of a statement: true, or why it was not understood. */
export type Told = true | string;

export interface ScriptState {
  readonly found: Found;
  /** What the declaration calls the initiator. */
  initiator: string;
  /** The secret that targets prove themselves with, and who has to. */
  mutualSecret: string | undefined;
  readonly mutual: { readonly line: Line; readonly key: readonly string[] }[];
}

export type Handler = (state: ScriptState, line: Line, parameters: Parameters) => Told;
