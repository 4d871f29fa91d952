/** What colours, widths and marks of links mean. Can be folded, and is where it would hide cards, until somebody unfolds it. */
import { useState } from 'react';
import { Mark } from './icons.tsx';
import { LEVELS } from './looks.ts';

export const Legend = ({ isFolded }: { readonly isFolded: boolean }): React.JSX.Element => {
  const [isWanted, setIsWanted] = useState<boolean>();
  const isOpen = isWanted ?? !isFolded;
  return (
    <details className="topology-legend" open={isOpen}>
      <summary
        onClick={(event) => {
          // Whether it is open is said here, so that what is folded by itself is not taken for somebody's wish.
          event.preventDefault();
          setIsWanted(!isOpen);
        }}
      >
        Link load
      </summary>
      <ul>
        {LEVELS.map(({ level, words, width }) => (
          <li key={level}>
            <svg viewBox="0 0 28 10" aria-hidden="true">
              <path d="M0 5h28" style={{ stroke: `var(--load-${level})`, strokeWidth: width }} />
            </svg>
            {words}
          </li>
        ))}
        <li>
          <svg viewBox="0 0 28 10" aria-hidden="true">
            <path d="M0 5h28" style={{ stroke: 'var(--bad)', strokeWidth: 2, strokeDasharray: '5 4' }} />
            <path d="m11 2 6 6m0-6-6 6" style={{ stroke: 'var(--bad)', strokeWidth: 1.8 }} />
          </svg>
          cut
        </li>
        <li>
          <span className="topology-badge" data-badge="faulty">
            <Mark mark="faulty" />
          </span>
          faults set
        </li>
        <li>
          <span className="topology-badge" data-badge="dropping">
            <Mark mark="dropping" />
          </span>
          drops frames
        </li>
      </ul>
    </details>
  );
};
