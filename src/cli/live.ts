/** Keeps the live view up to date: with each sample, once a second, and when the terminal changes size. */
import type { FabricEvent } from '../base/event.ts';
import type { RunningNetwork } from '../os/network/running-network.ts';
import type { Sampler } from '../server/view/sampler.ts';
import type { CommandContext, Terminal } from './context.ts';
import { viewLines } from './live-view.ts';
import { openScreen } from './screen.ts';
import type { TryCommands } from './try-commands.ts';

const EVENTS_MAX = 100;

export interface LiveViewOptions {
  readonly name: string;
  /** Of the page; undefined: there is none. */
  readonly url: string | undefined;
  readonly sampler: Sampler;
  readonly network: RunningNetwork | undefined;
  readonly tries: readonly TryCommands[];
  readonly startedAt: number;
  readonly context: CommandContext;
  readonly terminal: Terminal;
}

export interface LiveView {
  handleEvent(event: FabricEvent): void;
  handleStopping(): void;
  close(): void;
}

export function openLiveView({ name, url, sampler, network, tries, startedAt, context, terminal }: LiveViewOptions): LiveView {
  const screen = openScreen(terminal, (text) => context.out(text));
  const events: { time: string; event: FabricEvent }[] = [];
  let stopping = false;
  const draw = (): void => {
    const { columns, rows } = terminal.size();
    const upMilliseconds = context.now() - startedAt;
    const { units, sessions, hosts } = sampler.state;
    const state = {
      name,
      url,
      upMilliseconds,
      stopping,
      units,
      sessions,
      hosts,
      network: network === undefined ? undefined : { links: network.links(), attached: network.attachments() },
      tries,
      events,
    };
    screen.draw(viewLines(state, columns, rows, context.outColors));
  };
  const closers = [
    sampler.onSample(draw),
    terminal.onResize(() => {
      screen.forget();
      draw();
    }),
    // Whatever ends the process, the terminal is given back.
    context.onExit(() => screen.close()),
  ];
  draw();
  return {
    handleEvent(event) {
      if (event.severity === 'debug') return;
      events.push({ time: new Date().toTimeString().slice(0, 8), event });
      // Drawn with the next refresh: a thousand logins a second are not a thousand drawings.
      if (events.length > EVENTS_MAX) events.shift();
    },
    handleStopping() {
      stopping = true;
      draw();
    },
    close() {
      for (const close of closers) close();
      screen.close();
    },
  };
}
