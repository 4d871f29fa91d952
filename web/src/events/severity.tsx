/** Severities of events, in order, and how they look. */
import type { Severity } from '../../../src/server/page.ts';
import type { Tone } from '../live/index.ts';

export const SEVERITIES = ['debug', 'info', 'warning', 'error'] as const satisfies readonly Severity[];

export const SEVERITY_TONES: Readonly<Record<Severity, Tone>> = { debug: 'idle', info: 'busy', warning: 'warn', error: 'bad' };
