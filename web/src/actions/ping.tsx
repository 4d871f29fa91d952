/** Sends echo requests from a machine of the fabric, one after another, and says what came back. */
import { useId, useState } from 'react';
import { live, useTopology } from '../live/index.ts';
import { nanosText } from '../ui/format.ts';
import { Section } from '../ui/parts.tsx';
import { ActionButton } from './action-button.tsx';

interface PingAnswer {
  readonly address: string;
  readonly result:
    | { readonly kind: 'reply'; readonly nanos: number; readonly from: string; readonly hopLimit: number }
    | { readonly kind: 'error'; readonly from: string; readonly error: { readonly kind: string } }
    | { readonly kind: 'lost' }
    | { readonly kind: 'no-route' };
}

const PINGS = 4;

export const Ping = ({ from }: { readonly from: string }): React.JSX.Element => {
  const topology = useTopology();
  const others = (topology?.nodes ?? []).filter(({ id, kind }) => id !== from && (kind === 'host' || kind === 'array'));
  const [to, setTo] = useState(() => (others.find(({ kind }) => kind === 'array') ?? others[0])?.id ?? '');
  const [lines, setLines] = useState<readonly string[]>([]);
  const [field, list] = [useId(), useId()];
  return (
    <Section title="Ping">
      <div className="form-line">
        <label htmlFor={field}>To</label>
        <input id={field} list={list} value={to} maxLength={200} spellCheck={false} onChange={(event) => setTo(event.target.value)} />
        <datalist id={list}>
          {others.slice(0, 200).map(({ id }) => (
            <option key={id} value={id} />
          ))}
        </datalist>
        <ActionButton
          senseless={to.trim() === '' ? 'It takes a machine or an address to ping.' : undefined}
          act={async () => {
            const told: string[] = [];
            for (let sequence = 1; sequence <= PINGS; sequence += 1) {
              told.push(lineOf(await live.api.post<PingAnswer>('/api/network/ping', { host: from, to: to.trim() }), sequence));
              setLines([...told]);
            }
            return `${from} has pinged ${to.trim()}: ${told.at(-1)}.`;
          }}
        >
          Ping
        </ActionButton>
      </div>
      {lines.length > 0 && (
        <ol className="plain mono">
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ol>
      )}
    </Section>
  );
};

function lineOf({ address, result }: PingAnswer, sequence: number): string {
  if (result.kind === 'reply') return `${sequence}: ${nanosText(result.nanos)} from ${result.from}, ttl ${result.hopLimit}`;
  if (result.kind === 'error') return `${sequence}: ${result.error.kind.replaceAll('-', ' ')}, says ${result.from}`;
  return result.kind === 'lost' ? `${sequence}: no answer from ${address}` : `${sequence}: no route to ${address}`;
}
