/** What `up` and `serve` share: start the arrays, say so, show what happens, stop when asked. */
import type { EventSink, FabricEvent } from '../base/event.ts';
import type { ArrayPlan } from '../fabric/plan.ts';
import { formatAddress } from '../fabric/address.ts';
import type { RunningArrays } from '../os/running.ts';
import { secretReader } from '../os/secrets.ts';
import { fabricFailed, fabricReady, fabricStarting, fabricStopped, fabricStopping } from './cli-events.ts';
import { type CommandContext, UserError } from './context.ts';
import { eventLines, openLogFile } from './event-log.ts';
import { openLiveView } from './live.ts';
import { readyText } from './ready-text.ts';
import { tryCommands } from './try-commands.ts';

export interface BringUpOptions {
  readonly json?: boolean;
  readonly log?: string;
}

/** Ends by a second signal, as shells count SIGINT. */
const EXIT_INTERRUPTED = 130;

export async function bringUp(
  name: string,
  plans: readonly ArrayPlan[],
  options: BringUpOptions,
  context: CommandContext,
): Promise<number> {
  const logFile = options.log === undefined ? undefined : openLogFile(options.log, (sentence) => context.err(`samewire: ${sentence}\n`));
  const toFile = logFile === undefined ? undefined : eventLines(logFile);
  // Held back until the ready line is out: it is the first thing a program reads.
  let held: FabricEvent[] | undefined = [];
  let show: EventSink = (event) => held?.push(event);
  const events: EventSink = (event) => {
    toFile?.(event);
    show(event);
  };
  const stopRequest = stopSignals(context);
  try {
    fabricStarting(events, name, countOf(plans));
    const startedAt = context.now();
    const running = await start(name, plans, events, context);
    fabricReady(events, name, { portals: announced(running, plans) });
    const tries = tryCommands(plans, running.ready);
    if (options.json === true) context.out(`${JSON.stringify(running.ready)}\n`);
    else context.out(readyText(running.ready, tries, context.outColors));
    const view =
      context.terminal === undefined || options.json === true
        ? undefined
        : openLiveView({ name, running, tries, startedAt, context, terminal: context.terminal });
    show = view === undefined ? eventLines({ write: (line) => context.out(line) }) : (event) => view.handleEvent(event);
    // The ready line has said what the event says.
    for (const event of held) if (event.id !== fabricReady.id && event.id !== fabricStarting.id) show(event);
    held = undefined;
    try {
      await stopRequest.requested;
      fabricStopping(events, name, { sessions: running.sessions().length });
      view?.handleStopping();
      await running.stop();
    } finally {
      view?.close();
      if (view !== undefined) show = () => {};
    }
    fabricStopped(events, name, { upMilliseconds: Math.round(context.now() - startedAt) });
    if (view !== undefined) context.out('Stopped.\n');
    return 0;
  } finally {
    stopRequest.close();
    logFile?.close();
  }
}

async function start(name: string, plans: readonly ArrayPlan[], events: EventSink, context: CommandContext): Promise<RunningArrays> {
  try {
    return await context.startArrays(plans, { events, readSecret: secretReader(context.environment, events) });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    fabricFailed(events, name, { reason });
    throw new UserError(reason, { cause: error });
  }
}

/** The first signal asks to stop, also while things are still coming up; the second doesn't ask. */
function stopSignals(context: CommandContext): { readonly requested: Promise<void>; close(): void } {
  let close: (() => void) | undefined;
  const requested = new Promise<void>((resolve) => {
    let asked = false;
    close = context.onSignal(() => {
      if (asked) return context.exitNow(EXIT_INTERRUPTED);
      asked = true;
      resolve();
    });
  });
  return { requested, close: () => close?.() };
}

const announced = (running: RunningArrays, plans: readonly ArrayPlan[]): string[] =>
  plans.flatMap((plan) =>
    plan.portals.map((portal, index) => running.ready.arrays[plan.name]?.portals[index] ?? formatAddress(portal.host, portal.port)),
  );

const countOf = (plans: readonly ArrayPlan[]): { arrays: number; targets: number; luns: number } => {
  const targets = plans.flatMap((plan) => plan.targets);
  return { arrays: plans.length, targets: targets.length, luns: targets.flatMap((target) => target.units).length };
};
