/** `samewire top`: a fabric that is up, live on the whole terminal. */
import type { EventsAnswer } from '../../server/api/events.ts';
import type { FabricState, History } from '../../server/view/state.ts';
import { askFabric } from '../ask-fabric.ts';
import { type CommandContext, UsageError } from '../context.ts';
import { openScreen } from '../screen.ts';
import { styleOf } from './figures.ts';
import { type Following, followSamples } from './follow.ts';
import { askTopology } from './stats.ts';
import { pressed, TOP_START } from './top-interface.ts';
import { DRAWN, DRAWN_SECONDS, topScreen, type TopScreen, type TopState } from './top-view.ts';

const EVENTS_MAX = 100;

/** `file` undefined: the only fabric that is up. */
export async function top(file: string | undefined, context: CommandContext): Promise<number> {
  const { terminal } = context;
  if (terminal === undefined) throw new UsageError('It draws on a terminal, and this is none; `samewire stats` writes lines.');
  let state = await firstState(file, context);
  const style = styleOf(context.environment);
  const screen = openScreen(terminal, (text) => context.out(text));
  // Whatever ends the process, the terminal is given back.
  const closers = [context.onExit(() => screen.close())];
  let drawn: TopScreen | undefined;
  let following: Following | undefined;
  const draw = (): void => {
    const { columns, rows } = terminal.size();
    drawn = topScreen(state, columns, rows, style, context.outColors);
    screen.draw(drawn.lines);
  };
  try {
    following = followSamples(file, context, async (sample) => {
      // A fabric that was started anew may be another one by now.
      const isAnother = sample.sequence < state.state.sequence;
      const next = isAnother ? await firstState(file, context) : await nextState(file, state, sample, context);
      // Keys may have been pressed meanwhile.
      state = { ...next, chosen: state.chosen };
      draw();
    });
    const handleKey = (key: string): void => {
      const next = pressed(state.chosen, key, drawn?.page ?? 0, drawn?.last ?? 0);
      if (next === 'quit') return following?.stop();
      state = { ...state, chosen: next };
      draw();
    };
    closers.push(
      terminal.onResize(() => {
        screen.forget();
        draw();
      }),
      context.onSignal(() => following?.stop()),
      context.onKey(handleKey) ?? (() => {}),
    );
    draw();
    if ((await following.ended) === 'stopped') return 0;
  } finally {
    following?.stop();
    screen.close();
    for (const close of closers) close();
  }
  context.err(`${context.errColors.yellow('note:')} ${state.topology.fabric} is not up any more.\n`);
  return 1;
}

async function firstState(file: string | undefined, context: CommandContext): Promise<TopState> {
  const topology = await askTopology(file, context);
  const sample = (await askFabric(file, 'GET', '/api/state', undefined, context)) as FabricState;
  const series = DRAWN.map((name) => `series=${encodeURIComponent(`totals ${name}`)}`).join('&');
  const { histories } = (await askFabric(file, 'GET', `/api/history?${series}`, undefined, context)) as { histories: readonly History[] };
  const valuesOf = (name: (typeof DRAWN)[number]): readonly number[] => {
    const found = histories.find((one) => one.series === `totals ${name}`);
    if (found === undefined) return [];
    // A second may have passed since the sample.
    return found.values.slice(0, Math.max(0, found.values.length - (found.sequence - sample.sequence))).slice(-DRAWN_SECONDS);
  };
  const past = Object.fromEntries(DRAWN.map((name) => [name, valuesOf(name)])) as TopState['past'];
  return { topology, state: sample, past, events: await warnings(file, 0, context), chosen: TOP_START };
}

async function nextState(file: string | undefined, before: TopState, sample: FabricState, context: CommandContext): Promise<TopState> {
  const isNew = sample.sequence > before.state.sequence;
  const past = isNew
    ? Object.fromEntries(DRAWN.map((name) => [name, [...before.past[name], sample.totals[name]].slice(-DRAWN_SECONDS)]))
    : before.past;
  // One that is being stopped may not answer: what then becomes of it is seen at the next sample.
  const more = await warnings(file, before.events.at(-1)?.sequence ?? 0, context).catch(() => []);
  const events = [...before.events, ...more].slice(-EVENTS_MAX);
  return { ...before, state: sample, past: past as TopState['past'], events };
}

async function warnings(file: string | undefined, after: number, context: CommandContext): Promise<EventsAnswer['events']> {
  const query = `severity=warning&limit=${EVENTS_MAX}&after=${after}`;
  return ((await askFabric(file, 'GET', `/api/events?${query}`, undefined, context)) as EventsAnswer).events;
}
