/** What shall go wrong on a link: four probabilities, in percent. */
import { useId, useState } from 'react';
import type { LinkFaults } from '../../../src/server/page.ts';
import { live } from '../live/index.ts';
import { FAULT_KINDS } from '../panel/fault-words.ts';
import { ActionButton } from './action-button.tsx';
import { percentText, shareIn } from './share-input.ts';

type Kind = (typeof FAULT_KINDS)[number];
type Texts = Readonly<Record<Kind, string>>;

const PRESETS: readonly { readonly name: string; readonly shares: Readonly<Record<Kind, number>> }[] = [
  { name: 'None', shares: { loss: 0, corruption: 0, duplication: 0, reordering: 0 } },
  { name: 'A dirty optic', shares: { loss: 0.0001, corruption: 0.0001, duplication: 0, reordering: 0 } },
  { name: 'Lossy', shares: { loss: 0.01, corruption: 0, duplication: 0, reordering: 0 } },
  { name: 'Out of order', shares: { loss: 0, corruption: 0, duplication: 0.001, reordering: 0.02 } },
];

const textsOf = (shares: Readonly<Record<Kind, number>>): Texts =>
  Object.fromEntries(FAULT_KINDS.map((kind) => [kind, percentText(shares[kind])])) as Record<Kind, string>;

export const FaultsForm = ({ at, faults }: { readonly at: string; readonly faults: LinkFaults }): React.JSX.Element => {
  /** Undefined: nothing was typed; what is set is shown. */
  const [typed, setTyped] = useState<Texts | undefined>();
  const texts = typed ?? textsOf(faults);
  const shares = FAULT_KINDS.map((kind) => [kind, shareIn(texts[kind])] as const);
  const wrong = shares.filter(([, share]) => share === undefined).map(([kind]) => kind);
  const base = useId();
  return (
    <div className="form">
      <div className="presets" role="group" aria-label="Usual faults">
        {PRESETS.map(({ name, shares: preset }) => (
          <button key={name} type="button" className="small" onClick={() => setTyped(textsOf(preset))}>
            {name}
          </button>
        ))}
      </div>
      <div className="form-grid">
        {FAULT_KINDS.map((kind) => (
          <div key={kind} className="field">
            <label htmlFor={`${base}-${kind}`}>{kind[0]!.toUpperCase() + kind.slice(1)}, %</label>
            <input
              id={`${base}-${kind}`}
              inputMode="decimal"
              maxLength={12}
              value={texts[kind]}
              aria-invalid={wrong.includes(kind)}
              aria-describedby={wrong.length > 0 ? `${base}-wrong` : undefined}
              onChange={(event) => setTyped({ ...texts, [kind]: event.target.value })}
            />
          </div>
        ))}
      </div>
      {wrong.length > 0 && (
        <p id={`${base}-wrong`} className="field-error">
          Each is a number from 0 to 100.
        </p>
      )}
      <div className="buttons">
        <ActionButton
          tone="primary"
          senseless={wrong.length > 0 ? 'Each fault is a number from 0 to 100.' : typed === undefined ? 'Nothing was changed.' : undefined}
          act={async () => {
            await live.api.post('/api/network/faults', { at, ...Object.fromEntries(shares) });
            setTyped(undefined);
            return `The faults of the link at ${at} are set, each way.`;
          }}
        >
          Set faults
        </ActionButton>
        {typed !== undefined && (
          <button type="button" onClick={() => setTyped(undefined)}>
            As it was
          </button>
        )}
      </div>
    </div>
  );
};
