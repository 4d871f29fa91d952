/** What came of an action: said for a while at the edge of the page, and to screen readers. */
import { useSyncExternalStore } from 'react';
import { Icon } from './icons.tsx';

interface Toast {
  readonly id: number;
  readonly tone: 'good' | 'bad';
  readonly words: string;
}

const SHOWN_MAX = 4;
const GOOD_MILLISECONDS = 6000;
const BAD_MILLISECONDS = 20_000;

let toasts: readonly Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

function set(changed: readonly Toast[]): void {
  toasts = changed;
  for (const listener of listeners) listener();
}

export function toast(tone: Toast['tone'], words: string): void {
  const id = (last += 1);
  set([...toasts, { id, tone, words }].slice(-SHOWN_MAX));
  setTimeout(() => dismiss(id), tone === 'good' ? GOOD_MILLISECONDS : BAD_MILLISECONDS);
}

const dismiss = (id: number): void => set(toasts.filter((one) => one.id !== id));

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export const Toasts = (): React.JSX.Element => {
  const shown = useSyncExternalStore(listen, () => toasts);
  return (
    <div className="toasts" role="status" aria-live="polite" aria-atomic="false">
      {shown.map(({ id, tone, words }) => (
        <div key={id} className={`toast tone-${tone}`}>
          <span className="toast-words">
            <span className="toast-tone">{tone === 'good' ? 'Done' : 'Refused'}</span> {words}
          </span>
          <button type="button" className="quiet icon-button" aria-label="Dismiss" onClick={() => dismiss(id)}>
            <Icon name="close" size={14} />
          </button>
        </div>
      ))}
    </div>
  );
};
