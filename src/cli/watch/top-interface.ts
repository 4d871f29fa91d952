/** What whoever watches has chosen: which pane, how far down it, what names must contain. Keys change it. */

export const PANES = ['links', 'units', 'sessions', 'trouble'] as const;
export type Pane = (typeof PANES)[number];

export interface TopInterface {
  readonly pane: Pane;
  /** Rows of each pane that are above what is shown. */
  readonly offsets: Readonly<Record<Pane, number>>;
  /** What names must contain, in any case; empty: everything is shown. */
  readonly filter: string;
  /** The filter as it is being written; undefined: it is not. */
  readonly writing: string | undefined;
  readonly help: boolean;
}

export const TOP_START: TopInterface = {
  pane: 'links',
  offsets: { links: 0, units: 0, sessions: 0, trouble: 0 },
  filter: '',
  writing: undefined,
  help: false,
};

const FILTER_MAX = 60;
const PANE_KEYS: Readonly<Record<string, Pane>> = { l: 'links', u: 'units', s: 'sessions', e: 'trouble' };

/** `page`: rows of the pane that are shown at once; `last`: the offset at which its last row is shown. */
export function pressed(now: TopInterface, key: string, page: number, last: number): TopInterface | 'quit' {
  if (key === 'ctrl-c') return 'quit';
  if (now.writing !== undefined) return writes(now, now.writing, key);
  if (now.help) return key === 'q' ? 'quit' : { ...now, help: false };
  const pane = PANE_KEYS[key];
  if (pane !== undefined) return { ...now, pane };
  const scrolled = (rows: number): TopInterface => ({
    ...now,
    offsets: { ...now.offsets, [now.pane]: Math.max(0, Math.min(last, now.offsets[now.pane] + rows)) },
  });
  switch (key) {
    case 'q':
      return 'quit';
    case 'h':
    case '?':
      return { ...now, help: true };
    case '/':
      return { ...now, writing: now.filter };
    case 'escape':
      return { ...now, filter: '' };
    case 'tab':
    case 'right':
      return { ...now, pane: next(now.pane, 1) };
    case 'shift-tab':
    case 'left':
      return { ...now, pane: next(now.pane, PANES.length - 1) };
    case 'down':
    case 'j':
      return scrolled(1);
    case 'up':
    case 'k':
      return scrolled(-1);
    case 'page-down':
    case 'space':
      return scrolled(page);
    case 'page-up':
      return scrolled(-page);
    case 'home':
      return scrolled(-Infinity);
    case 'end':
      return scrolled(Infinity);
    default:
      return now;
  }
}

const next = (pane: Pane, by: number): Pane => PANES[(PANES.indexOf(pane) + by) % PANES.length]!;

/** What is written counts as it is written. */
function writes(now: TopInterface, writing: string, key: string): TopInterface {
  const written = (text: string): TopInterface => ({ ...now, writing: text, filter: text, offsets: TOP_START.offsets });
  if (key === 'enter') return { ...now, writing: undefined };
  if (key === 'escape') return { ...written(''), writing: undefined };
  if (key === 'backspace') return written([...writing].slice(0, -1).join(''));
  if (key === 'ctrl-u') return written('');
  const character = key === 'space' ? ' ' : key;
  return [...character].length === 1 && writing.length < FILTER_MAX ? written(writing + character) : now;
}

export const HELP: readonly (readonly [keys: string, what: string])[] = [
  ['l u s e', 'links, LUNs, sessions, events and trouble'],
  ['tab, left, right', 'the next of these, or the one before'],
  ['up, down, pages, home, end', 'scroll'],
  ['/', 'only what contains a text; Escape: everything'],
  ['h', 'this help'],
  ['q, Ctrl-C', 'quit'],
];
