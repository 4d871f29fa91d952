/** The samples of a fabric that is up, one after the other as they are taken: each is handed on once. */
import type { FabricState } from '../../server/view/state.ts';
import { present } from '../ask-fabric.ts';
import { type CommandContext, UserError } from '../context.ts';

/** Samples are taken once a second. */
const SAMPLE_MILLISECONDS = 1000;
/** So often it is looked whether it is time, and so long is waited where there was nothing new. */
const LOOK_MILLISECONDS = 50;
const AGAIN_MILLISECONDS = 100;

export interface Following {
  /** `stopped` was called, or the fabric is not up any more. Rejects with a UserError where it never was, or does not answer. */
  readonly ended: Promise<'stopped' | 'gone'>;
  stop(): void;
}

/** `file` undefined: the only fabric that is up. What `handle` rejects with ends it. */
export function followSamples(
  file: string | undefined,
  context: Pick<CommandContext, 'askControl' | 'every' | 'now'>,
  handle: (state: FabricState) => void | Promise<void>,
): Following {
  let due = context.now();
  let last: number | undefined;
  let asking = false;
  let failures = 0;
  let over = false;
  const { promise: ended, resolve, reject } = withResolvers<'stopped' | 'gone'>();
  const close = context.every(LOOK_MILLISECONDS, () => void look());
  const end = (settle: () => void): void => {
    if (over) return;
    over = true;
    close();
    settle();
  };

  async function look(): Promise<void> {
    const now = context.now();
    if (asking || over || now < due) return;
    asking = true;
    const state = await ask(now);
    if (state !== undefined && !over)
      await Promise.resolve(state)
        .then(handle)
        .catch((error: unknown) => end(() => reject(error)));
    asking = false;
  }

  /** Undefined: there is nothing new. */
  async function ask(now: number): Promise<FabricState | undefined> {
    try {
      const state = (await context.askControl(file, 'GET', '/api/state')) as FabricState | undefined;
      if (state === undefined && last !== undefined) return void end(() => resolve('gone'));
      const { sequence } = present(file, state);
      failures = 0;
      // Always the same distance behind the samples, so that none is missed.
      due = sequence === last ? now + AGAIN_MILLISECONDS : Math.max(due + SAMPLE_MILLISECONDS, now);
      if (sequence === last) return undefined;
      last = sequence;
      return state;
    } catch (error) {
      return void handleFailure(error, now);
    }
  }

  function handleFailure(error: unknown, now: number): void {
    if (last === undefined) return end(() => reject(asUserError(error)));
    // One that is just being stopped cuts off who asks; the next time, it is not there.
    failures += 1;
    if (failures > 1) return end(() => resolve('gone'));
    due = now + AGAIN_MILLISECONDS;
  }

  void look();
  return { ended, stop: () => end(() => resolve('stopped')) };
}

const asUserError = (error: unknown): UserError =>
  error instanceof UserError ? error : new UserError(error instanceof Error ? error.message : String(error), { cause: error });

/** Node 20 has no `Promise.withResolvers`. */
function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (reason: unknown) => void } {
  let [resolve, reject]: [(value: T) => void, (reason: unknown) => void] = [() => {}, () => {}];
  const promise = new Promise<T>((...settle) => ([resolve, reject] = settle));
  return { promise, resolve, reject };
}
