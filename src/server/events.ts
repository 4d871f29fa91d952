/** Events of the page's server: numbers 9010 to 9029. */
import { eventKind } from '../base/event.ts';

export const tokenRefused = eventKind<{ remote: string; times: number }>(
  9010,
  'page-token-refused',
  'warning',
  ({ remote, times }) => `Somebody at ${remote} asked with a wrong token${times === 1 ? '' : `, ${times} times since this was told last`}.`,
  {
    means:
      'A request to the page or the API carried a token that is not the one of this run, and was refused. Told at most once a minute for each address; after ten different wrong tokens within a minute the address is refused without looking.',
    remedy:
      'A page that was left open from an earlier run does this once: open the address that `samewire up` printed. If the address is not one of yours, let the page listen on loopback only.',
    example: { remote: '192.0.2.7', times: 3 },
  },
);

export const requestFailed = eventKind<{ request: string; reason: string }>(
  9011,
  'page-request-failed',
  'error',
  ({ request, reason }) => `${request} could not be answered: ${reason}`,
  {
    means: 'A request to the API met a mistake in the program itself. Whoever asked got status 500 and no details.',
    remedy: 'Report it, with `samewire support`.',
    example: { request: 'GET /api/state', reason: "TypeError: Cannot read properties of undefined (reading 'links')" },
  },
);

export const pageUnavailable = eventKind<{ reason: string }>(
  9012,
  'page-unavailable',
  'warning',
  ({ reason }) => `There is no page: ${reason}`,
  {
    means:
      'The page could not be opened where it is by default. The fabric is up without it, and is asked with the commands of the terminal.',
    remedy: 'Say where the page may listen with `--page`, or that none is wanted with `--no-page`.',
    example: { reason: "Can't listen on 127.0.0.1:8326: permission denied." },
  },
);

export const pageElsewhere = eventKind<{ usual: string; instead: string }>(
  9013,
  'page-elsewhere',
  'info',
  ({ usual, instead }) => `${usual} is taken, perhaps by another fabric: the page is at ${instead}.`,
  {
    means: 'The usual address of the page was taken, so a free port was picked.',
    example: { usual: '127.0.0.1:8326', instead: '127.0.0.1:40123' },
  },
);

export const crossSiteRefused = eventKind<{ remote: string; reason: string }>(
  9014,
  'page-cross-site-refused',
  'warning',
  ({ remote, reason }) => `A request from ${remote} was refused: ${reason}`,
  {
    means:
      'A request did not come from the page itself: its Host names another machine than the page is at (as DNS rebinding does), or another site sent it. Told at most once a minute.',
    remedy:
      'A site that is open in the same browser tried to reach the fabric. If it was a tool of yours, let it ask by the address that `samewire up` printed, and without an Origin.',
    example: { remote: '127.0.0.1', reason: 'it comes from another site.' },
  },
);
