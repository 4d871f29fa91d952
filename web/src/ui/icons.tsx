/** Small pictures beside words; never in their place. */

const PATHS = {
  map: 'M3 5h5v4H3zM12 11h5v4h-5zM12 3h5v4h-5zM8 7h2.5v6H12M10.5 5H12',
  details: 'M4 4h12v12H4zM7 8h6M7 11h6M7 14h3',
  charts: 'M3 16h14M4 13l3.5-4 3 2.5L16 5',
  sessions: 'M3 6h9l-2.5-2.5M17 14H8l2.5 2.5M3 10h14',
  events: 'M5 4h12M5 10h12M5 16h12M2.5 4h.01M2.5 10h.01M2.5 16h.01',
  checks: 'M4 10.5l4 4 8-9',
  close: 'M5 5l10 10M15 5L5 15',
  key: 'M8 12a3 3 0 1 1 0-.01M10.5 10.5 16 5M13.5 7.5l2 2',
  auto: 'M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14',
  light:
    'M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M10 2v2M10 16v2M2 10h2M16 10h2M4.3 4.3l1.4 1.4M14.3 14.3l1.4 1.4M15.7 4.3l-1.4 1.4M5.7 14.3l-1.4 1.4',
  dark: 'M15.5 12.5A6.5 6.5 0 0 1 7.5 4.5a6.5 6.5 0 1 0 8 8z',
  back: 'M12 4l-6 6 6 6',
  next: 'M8 4l6 6-6 6',
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name, size = 16 }: { readonly name: IconName; readonly size?: number }): React.JSX.Element => (
  <svg
    className="icon"
    width={size}
    height={size}
    viewBox="0 0 20 20"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.8"
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
  >
    <path d={PATHS[name]} />
  </svg>
);
