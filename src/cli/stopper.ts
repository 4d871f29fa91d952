/** For commands that do something again and again until they are told to stop. */
import type { CommandContext } from './context.ts';

/** The first signal ends the waiting, and with it the series. */
export function stopper(context: CommandContext): {
  asked(): boolean;
  wait(milliseconds: number): Promise<void>;
  close(): void;
} {
  let asked = false;
  let wake: (() => void) | undefined;
  const close = context.onSignal(() => {
    if (asked) return context.exitNow(130);
    asked = true;
    wake?.();
  });
  return {
    asked: () => asked,
    wait: (milliseconds) =>
      new Promise((resolve) => {
        if (asked || milliseconds <= 0) return void setImmediate(resolve);
        const timer = setTimeout(resolve, milliseconds);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    close,
  };
}
