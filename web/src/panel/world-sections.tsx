/** What of the world is plugged into a port, what passed, and what to type at the other end. */
import { useEffect, useState } from 'react';
import type { NodeDetail } from '../../../src/server/page.ts';
import { live } from '../live/index.ts';
import { countText } from '../ui/format.ts';
import { Facts, Section } from '../ui/parts.tsx';
import { ToneWords } from '../ui/tone.tsx';

interface Hinted {
  readonly attached: readonly { readonly port: string; readonly hints: readonly string[] }[];
}

type Attachment = NodeDetail['attached'][number];

export const WorldSections = ({ attached }: { readonly attached: readonly Attachment[] }): React.JSX.Element => (
  <>
    {attached.map((one) => (
      <Section key={one.port} title={`At ${one.port}`}>
        <p>
          <ToneWords tone={one.present ? 'good' : 'idle'}>{one.present ? 'somebody is plugged in' : 'nobody is plugged in'}</ToneWords>
        </p>
        <Facts
          facts={Object.entries(one.counters).map(([name, count]) => [
            name.replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`),
            countText(count),
          ])}
        />
        <Hints port={one.port} />
      </Section>
    ))}
  </>
);

const Hints = ({ port }: { readonly port: string }): React.JSX.Element | null => {
  const [hints, setHints] = useState<readonly string[]>([]);
  useEffect(() => {
    let isWanted = true;
    live.api.get<Hinted>('/api/network').then(
      ({ attached }) => isWanted && setHints(attached.find((one) => one.port === port)?.hints ?? []),
      () => {},
    );
    return () => void (isWanted = false);
  }, [port]);
  if (hints.length === 0) return null;
  return (
    <>
      <p className="muted">At the other end:</p>
      <pre className="hint">{hints.join('\n')}</pre>
    </>
  );
};
