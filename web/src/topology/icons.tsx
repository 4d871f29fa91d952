/** Shapes of nodes and tones: told apart without their colours. */
import type { NodeKind } from '../../../src/server/page.ts';
import type { Tone } from '../live/index.ts';

const KINDS: Readonly<Record<NodeKind, React.JSX.Element>> = {
  host: (
    <>
      <rect x="3" y="4" width="18" height="6.5" rx="1.5" />
      <rect x="3" y="13.5" width="18" height="6.5" rx="1.5" />
      <path d="M6.5 7.25h.01M6.5 16.75h.01M11 7.25h7M11 16.75h7" />
    </>
  ),
  switch: (
    <>
      <rect x="2.5" y="5" width="19" height="14" rx="2" />
      <path d="M6 9.5h10l-2.2-2.2M18 14.5H8l2.2 2.2" />
    </>
  ),
  array: (
    <>
      <ellipse cx="12" cy="5.5" rx="8" ry="3" />
      <path d="M4 5.5v13c0 1.7 3.6 3 8 3s8-1.3 8-3v-13M4 12c0 1.7 3.6 3 8 3s8-1.3 8-3" />
    </>
  ),
  world: (
    <>
      <rect x="3" y="4" width="18" height="12.5" rx="1.5" />
      <path d="M9 20.5h6M12 16.5v4M8 10.2h8M13.2 7.6l2.8 2.6-2.8 2.6" />
    </>
  ),
  published: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M3 12h18M12 3c3 2.6 4 5.6 4 9s-1 6.4-4 9c-3-2.6-4-5.6-4-9s1-6.4 4-9z" />
    </>
  ),
};

export const KindIcon = ({ kind }: { readonly kind: NodeKind }): React.JSX.Element => (
  <svg className="topology-icon" viewBox="0 0 24 24" aria-hidden="true">
    {KINDS[kind]}
  </svg>
);

const TONES: Readonly<Record<Tone, React.JSX.Element>> = {
  good: (
    <>
      <circle cx="8" cy="8" r="7" className="fill" />
      <path d="M4.8 8.2 7 10.4l4.2-4.6" className="cutout" />
    </>
  ),
  busy: (
    <>
      <circle cx="8" cy="8" r="7" className="fill" />
      <path d="M8 11.5v-7M5 7.3l3-3 3 3" className="cutout" />
    </>
  ),
  warn: (
    <>
      <path d="M8 1.2 15.4 14.4H.6z" className="fill" />
      <path d="M8 5.6v4M8 12h.01" className="cutout" />
    </>
  ),
  bad: (
    <>
      <path d="M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5z" className="fill" />
      <path d="m5.2 5.2 5.6 5.6m0-5.6-5.6 5.6" className="cutout" />
    </>
  ),
  idle: <circle cx="8" cy="8" r="5.6" className="ring" />,
};

export const ToneMark = ({ tone }: { readonly tone: Tone }): React.JSX.Element => (
  <svg className="topology-tone" data-tone={tone} viewBox="0 0 16 16" aria-hidden="true">
    {TONES[tone]}
  </svg>
);

const MARKS = {
  cut: <path d="m4 4 8 8m0-8-8 8" />,
  faulty: <path d="M8 2.5 14 13H2zM8 6.5v3M8 11.2h.01" />,
  dropping: <path d="M8 2v8M4.5 7 8 10.5 11.5 7M3 13.5h10" />,
  flow: <path d="M2.5 8h10M9 4.2 12.8 8 9 11.8" />,
} as const;

export const Mark = ({ mark, angle = 0 }: { readonly mark: keyof typeof MARKS; readonly angle?: number }): React.JSX.Element => (
  <svg
    className="topology-mark"
    viewBox="0 0 16 16"
    aria-hidden="true"
    style={angle === 0 ? undefined : { transform: `rotate(${angle}rad)` }}
  >
    {MARKS[mark]}
  </svg>
);
