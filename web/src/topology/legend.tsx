/** What colours, widths and marks of links mean. Can be folded, and is on narrow screens. */
import { useState } from 'react';
import { Mark } from './icons.tsx';
import { LEVELS } from './looks.ts';

export const Legend = ({ isFoldedAtFirst }: { readonly isFoldedAtFirst: boolean }): React.JSX.Element => {
  const [isOpen, setIsOpen] = useState(!isFoldedAtFirst);
  return (
    <details className="topology-legend" open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>Link load</summary>
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
