/** Why frames of a link were lost, each way. */
import { useEffect, useState } from 'react';
import { live } from '../live/index.ts';
import { wholeText } from '../ui/format.ts';
import { Section } from '../ui/parts.tsx';

interface LinkEnd {
  readonly node: string;
  readonly port: string;
  readonly counters: Readonly<Record<keyof typeof CAUSES, number>>;
}

const CAUSES = {
  queueDrops: 'queue full',
  giants: 'too long',
  lost: 'lost (fault)',
  carrierDrops: 'link was cut',
  corrupted: 'corrupted (fault)',
  duplicated: 'duplicated (fault)',
  reordered: 'out of order (fault)',
  cutShort: 'cut short',
  congestionMarks: 'marked for congestion',
} as const;

/** The feed has their sum only. */
const EVERY_MILLISECONDS = 2000;

export const DropCauses = ({ at }: { readonly at: string }): React.JSX.Element | null => {
  const ends = useEnds(at);
  if (ends === undefined) return null;
  const happened = (Object.keys(CAUSES) as (keyof typeof CAUSES)[]).filter((cause) => ends.some(({ counters }) => counters[cause] > 0));
  return (
    <Section title="What happened to frames">
      {happened.length === 0 ? (
        <p className="muted">All of them arrived as they were sent.</p>
      ) : (
        <table className="small-table">
          <caption className="unseen">Frames by cause and end that sent them</caption>
          <thead>
            <tr>
              <th scope="col">Since the start, sent by</th>
              {ends.map(({ node, port }) => (
                <th key={`${node}:${port}`} scope="col" className="right">
                  {node}:{port}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {happened.map((cause) => (
              <tr key={cause}>
                <th scope="row">{CAUSES[cause]}</th>
                {ends.map(({ node, port, counters }) => (
                  <td key={`${node}:${port}`} className="right">
                    {wholeText(counters[cause])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
};

function useEnds(at: string): readonly LinkEnd[] | undefined {
  const [ends, setEnds] = useState<readonly LinkEnd[] | undefined>();
  useEffect(() => {
    let isWanted = true;
    let timer: number | undefined;
    const ask = async (): Promise<void> => {
      const answer = await live.api
        .get<{ readonly link: { readonly ends: readonly LinkEnd[] } }>('/api/network/link', { at })
        .catch(() => undefined);
      if (!isWanted) return;
      if (answer !== undefined) setEnds(answer.link.ends);
      timer = window.setTimeout(() => void ask(), EVERY_MILLISECONDS);
    };
    void ask();
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [at]);
  return ends;
}
