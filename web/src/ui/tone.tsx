/** A status: a mark whose shape tells it too, and words. */
import type { Tone } from '../live/index.ts';

const SHAPES: Readonly<Record<Tone, string>> = {
  good: 'M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1',
  busy: 'M6 .5 11.5 6 6 11.5.5 6z',
  warn: 'M6 1l5.5 10H.5z',
  bad: 'M1.5 1.5h9v9h-9z',
  idle: 'M6 1.75a4.25 4.25 0 1 0 0 8.5 4.25 4.25 0 0 0 0-8.5',
};

export const ToneMark = ({ tone }: { readonly tone: Tone }): React.JSX.Element => (
  <svg className={`tone-mark tone-${tone}`} width="10" height="10" viewBox="0 0 12 12" aria-hidden="true">
    <path d={SHAPES[tone]} fill={tone === 'idle' ? 'none' : 'currentColor'} stroke="currentColor" strokeWidth={tone === 'idle' ? 1.5 : 0} />
  </svg>
);

export const ToneWords = ({ tone, children }: { readonly tone: Tone; readonly children: React.ReactNode }): React.JSX.Element => (
  <span className="tone-words">
    <ToneMark tone={tone} />
    <span>{children}</span>
  </span>
);
