/** Does something to the fabric: says that it is under way, what came of it, and before all why it can't be done. */
import { type ReactNode, useRef, useState } from 'react';
import { Confirm } from '../ui/dialog.tsx';
import { toast } from '../ui/toasts.tsx';
import { askForAccess, useHindrance } from './access.tsx';

export interface Confirmation {
  readonly title: string;
  readonly text: ReactNode;
}

export interface ActionButtonProps {
  readonly children: ReactNode;
  /** Where several have the same words. */
  readonly label?: string;
  /** Does it, and resolves with what to say. */
  readonly act: () => Promise<string>;
  /** Asked for before; undefined: it hurts nobody. */
  readonly confirm?: Confirmation | undefined;
  readonly tone?: 'primary' | 'danger' | undefined;
  /** Why it makes no sense now. */
  readonly senseless?: string | undefined;
  readonly small?: boolean;
}

export const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const ActionButton = ({ children, label, act, confirm, tone, senseless, small }: ActionButtonProps): React.JSX.Element => {
  const [isBusy, setBusy] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const hindrance = useHindrance();
  const why = hindrance ?? senseless;
  const run = async (): Promise<void> => {
    setBusy(true);
    try {
      toast('good', await act());
    } catch (error) {
      toast('bad', sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className={[tone, small === true ? 'small' : undefined].filter(Boolean).join(' ')}
        aria-disabled={why !== undefined || isBusy}
        aria-busy={isBusy}
        aria-label={label}
        title={why}
        onClick={() => {
          if (isBusy) return;
          if (hindrance !== undefined) askForAccess();
          else if (senseless !== undefined) toast('bad', senseless);
          else if (confirm !== undefined) setAsking(true);
          else void run();
        }}
      >
        {children}
      </button>
      {isAsking && confirm !== undefined && (
        <Confirm
          title={confirm.title}
          action={typeof children === 'string' ? children : (label ?? 'Do it')}
          onConfirm={() => void run()}
          onClose={() => setAsking(false)}
        >
          {confirm.text}
        </Confirm>
      )}
    </>
  );
};
