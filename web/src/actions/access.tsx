/** Who may act: whoever has the token of this run. Without one the page only looks, and says how to get further. */
import { useId, useState, useSyncExternalStore } from 'react';
import { live, useConnection } from '../live/index.ts';
import { tokenIn } from '../live/token.ts';
import { Dialog } from '../ui/dialog.tsx';

/** Undefined: nothing is in the way. */
export function useHindrance(): string | undefined {
  const connection = useConnection();
  if (connection.phase === 'refused') return 'Looking takes the token of this run.';
  if (connection.phase !== 'open') return 'The connection to the fabric is lost.';
  if (connection.mayAct) return undefined;
  return 'Acting takes the token of this run.';
}

// ---- the dialog, from wherever it is asked for ----

let isAsking = false;
const listeners = new Set<() => void>();

export function askForAccess(asking = true): void {
  isAsking = asking;
  for (const listener of listeners) listener();
}

const close = (): void => askForAccess(false);

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export const AccessDialog = (): React.JSX.Element | null => {
  const isOpen = useSyncExternalStore(listen, () => isAsking);
  const connection = useConnection();
  if (!isOpen) return null;
  if (connection.phase === 'open' && connection.mayAct)
    return (
      <Dialog title="This page may act" onClose={close}>
        <p className="dialog-text">It has the token of this run, which is kept for this tab only.</p>
        <div className="buttons end">
          <button
            type="button"
            onClick={() => {
              live.setToken(undefined);
              close();
            }}
          >
            Only look from here on
          </button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title={connection.phase === 'refused' ? 'Who looks has to show the token' : 'This page only looks'} onClose={close}>
      <AccessForm onDone={close} />
    </Dialog>
  );
};

const AccessForm = ({ onDone }: { readonly onDone: () => void }): React.JSX.Element => {
  const [wrong, setWrong] = useState(false);
  const [field, note] = [useId(), useId()];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const token = tokenIn(String(new FormData(event.currentTarget).get('token')));
        if (token === undefined) setWrong(true);
        else {
          live.setToken(token);
          onDone();
        }
      }}
    >
      <div className="dialog-text">
        <p>
          {live.wasRefused
            ? 'The token that it was given is not the one of this run: each start of the fabric has another.'
            : 'Cutting links, ending sessions and everything else that changes the fabric takes the token of this run.'}
        </p>
        <p>
          It is in the address that <code>samewire up</code> printed: <code>{location.origin}/#token=…</code>
        </p>
        <label htmlFor={field}>The address, or the token alone</label>
        <input
          id={field}
          name="token"
          type="password"
          autoComplete="off"
          spellCheck={false}
          aria-invalid={wrong}
          aria-describedby={wrong ? note : undefined}
        />
        {wrong && (
          <p id={note} className="field-error" role="alert">
            That is neither such an address nor a token.
          </p>
        )}
      </div>
      <div className="buttons end">
        <button type="submit" className="primary">
          Take it
        </button>
      </div>
    </form>
  );
};
