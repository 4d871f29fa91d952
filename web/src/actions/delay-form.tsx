/** How long a link takes from one end to the other. */
import { useId, useState } from 'react';
import { live } from '../live/index.ts';
import { nanosText } from '../ui/format.ts';
import { ActionButton } from './action-button.tsx';
import { numberIn } from './share-input.ts';

const UNITS = { ns: 1, µs: 1e3, ms: 1e6 } as const;
type Unit = keyof typeof UNITS;

const DELAY_NANOS_MAX = 10e9;

/** Light in fibre takes 5 ns a metre. */
const PRESETS: readonly { readonly name: string; readonly value: string; readonly unit: Unit }[] = [
  { name: '10 m', value: '50', unit: 'ns' },
  { name: '1 km', value: '5', unit: 'µs' },
  { name: '100 km', value: '500', unit: 'µs' },
  { name: '10 ms', value: '10', unit: 'ms' },
];

export const DelayForm = ({ at, delayNanos }: { readonly at: string; readonly delayNanos: number }): React.JSX.Element => {
  const [typed, setTyped] = useState<{ readonly value: string; readonly unit: Unit } | undefined>();
  const { value, unit } = typed ?? shownAs(delayNanos);
  const number = numberIn(value);
  const nanos = number === undefined ? undefined : Math.round(number * UNITS[unit]);
  const isWrong = nanos === undefined || nanos > DELAY_NANOS_MAX;
  const base = useId();
  const bound = `A delay is a number up to ${nanosText(DELAY_NANOS_MAX)}.`;
  return (
    <div className="form">
      <div className="presets" role="group" aria-label="Usual delays">
        {PRESETS.map((preset) => (
          <button key={preset.name} type="button" className="small" onClick={() => setTyped(preset)}>
            {preset.name}
          </button>
        ))}
      </div>
      <div className="form-line">
        <label htmlFor={`${base}-value`}>Delay</label>
        <input
          id={`${base}-value`}
          className="short"
          inputMode="decimal"
          maxLength={12}
          value={value}
          aria-invalid={isWrong}
          aria-describedby={isWrong ? `${base}-wrong` : undefined}
          onChange={(event) => setTyped({ value: event.target.value, unit })}
        />
        <select aria-label="Unit" value={unit} onChange={(event) => setTyped({ value, unit: event.target.value as Unit })}>
          {Object.keys(UNITS).map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
        <ActionButton
          senseless={isWrong ? bound : typed === undefined ? 'Nothing was changed.' : undefined}
          act={async () => {
            await live.api.post('/api/network/delay', { at, delayNanos: nanos });
            setTyped(undefined);
            return `The link at ${at} takes ${nanosText(nanos!)} each way.`;
          }}
        >
          Set delay
        </ActionButton>
      </div>
      {isWrong && (
        <p id={`${base}-wrong`} className="field-error">
          {bound}
        </p>
      )}
    </div>
  );
};

function shownAs(nanos: number): { readonly value: string; readonly unit: Unit } {
  const unit: Unit = nanos >= 1e6 ? 'ms' : nanos >= 1e3 ? 'µs' : 'ns';
  return { value: String(Number((nanos / UNITS[unit]).toPrecision(9))), unit };
}
