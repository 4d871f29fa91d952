/** Wrong tokens, by where they came from: they are told, and whoever tries many is not listened to for a while. */
import { createHash } from 'node:crypto';
import type { EventSink } from '../../base/event.ts';
import { tokenRefused } from '../events.ts';

export interface FailedTokens {
  add(remote: string, token: string): void;
  /** This address has tried too many. */
  isShut(remote: string): boolean;
}

/** Different ones: a page that was left open says the same again and again, and guesses nothing. */
const TOKENS_MAX = 10;
const MINUTE_MILLISECONDS = 60_000;
const ADDRESSES_MAX = 1000;

interface Attempts {
  readonly since: number;
  readonly tokens: Set<string>;
  times: number;
}

/** `now` in milliseconds. */
export function failedTokens(events: EventSink, now: () => number): FailedTokens {
  const attempts = new Map<string, Attempts>();
  const current = (remote: string): Attempts | undefined => {
    const found = attempts.get(remote);
    return found !== undefined && now() - found.since < MINUTE_MILLISECONDS ? found : undefined;
  };
  return {
    add(remote, token) {
      const known = current(remote);
      if (known !== undefined) {
        known.times += 1;
        if (known.tokens.size < TOKENS_MAX) known.tokens.add(digest(token));
        return;
      }
      // What came in the minute before and was not told is told now.
      const untold = (attempts.get(remote)?.times ?? 1) - 1;
      attempts.delete(remote);
      if (attempts.size >= ADDRESSES_MAX) attempts.delete(attempts.keys().next().value!);
      attempts.set(remote, { since: now(), tokens: new Set([digest(token)]), times: 1 });
      tokenRefused(events, 'page', { remote, times: untold + 1 });
    },
    isShut: (remote) => (current(remote)?.tokens.size ?? 0) >= TOKENS_MAX,
  };
}

const digest = (token: string): string => createHash('sha256').update(token).digest('base64');
