/** Small parts that panels are made of. */
import { type ReactNode, useId } from 'react';

export interface SectionProps {
  readonly title: string;
  /** Beside the title: how many. */
  readonly count?: number | undefined;
  readonly children: ReactNode;
  /** Closed to begin with. */
  readonly folded?: boolean;
}

export const Section = ({ title, count, children }: SectionProps): React.JSX.Element => {
  const heading = useId();
  return (
    <section className="section" aria-labelledby={heading}>
      <h3 id={heading}>
        {title}
        {count !== undefined && <span className="count">{count}</span>}
      </h3>
      {children}
    </section>
  );
};

/** Opens and closes; for what is not looked at every day. */
export const Fold = ({ title, count, children }: SectionProps): React.JSX.Element => (
  <details className="section fold">
    <summary>
      <h3>
        {title}
        {count !== undefined && <span className="count">{count}</span>}
      </h3>
    </summary>
    {children}
  </details>
);

/** Names and values; what is undefined has no line. */
export const Facts = ({ facts }: { readonly facts: readonly (readonly [string, ReactNode])[] }): React.JSX.Element => (
  <dl className="facts">
    {facts
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
);

/** A share as a bar; the words beside it say the same. */
export const Meter = ({ share, label }: { readonly share: number; readonly label: string }): React.JSX.Element => (
  <span className="meter" role="img" aria-label={label}>
    <span className={share > 0.9 ? 'meter-fill full' : 'meter-fill'} style={{ inlineSize: `${Math.min(100, share * 100)}%` }} />
  </span>
);
