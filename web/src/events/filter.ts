/** Which events are wanted. */
import type { LoggedEvent, Severity } from '../../../src/server/page.ts';
import { SEVERITIES } from './severity.tsx';

export interface EventFilter {
  /** At least so severe. */
  readonly severity: Severity;
  /** In the source, in any case. */
  readonly source: string;
  /** In the message, in any case. */
  readonly text: string;
  /** Numbers or names of kinds, apart by commas or spaces. */
  readonly kind: string;
}

export const NO_FILTER: EventFilter = { severity: 'info', source: '', text: '', kind: '' };

export function eventMatcher({ severity, source, text, kind }: EventFilter): (event: LoggedEvent) => boolean {
  const least = SEVERITIES.indexOf(severity);
  const [part, words] = [source.trim().toLowerCase(), text.trim().toLowerCase()];
  const kinds = kind
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  return (event) =>
    SEVERITIES.indexOf(event.severity) >= least &&
    event.source.toLowerCase().includes(part) &&
    event.message.toLowerCase().includes(words) &&
    (kinds.length === 0 || kinds.some((one) => (/^\d+$/.test(one) ? String(event.id).startsWith(one) : event.name.includes(one))));
}

/** Sources are paths (`esx1/vmhba64/...`), ports (`tor1:9`) and links (`tor1:1 - esx1:nic0`). */
export function concerns({ source }: LoggedEvent, node: string): boolean {
  for (let at = source.indexOf(node); at >= 0; at = source.indexOf(node, at + 1)) {
    const [before, after] = [source[at - 1], source[at + node.length]];
    if ((before === undefined || before === ' ') && (after === undefined || ' :/'.includes(after))) return true;
  }
  return false;
}
