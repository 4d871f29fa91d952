/** What `up` and `serve` share: start the arrays and the hosts, say so, show what happens, stop when asked. */
import type { EventSink, FabricEvent } from '../base/event.ts';
import { formatAddress } from '../fabric/address.ts';
import type { HostPlan } from '../fabric/host-plan.ts';
import type { NetworkPlan, PortPlace } from '../fabric/network/plan.ts';
import type { ArrayPlan } from '../fabric/plan.ts';
import type { ControlSocket } from '../os/control-socket.ts';
import type { RunningHosts } from '../os/host-runner.ts';
import { placeText, type RunningNetwork } from '../os/network/running-network.ts';
import type { ReadyReport, RunningArrays, SecretReader } from '../os/running.ts';
import { secretReader } from '../os/secrets.ts';
import { controlUnavailable, fabricFailed, fabricReady, fabricStarting, fabricStopped, fabricStopping } from './cli-events.ts';
import { type CommandContext, UserError } from './context.ts';
import { eventLines, openLogFile } from './event-log.ts';
import { hostControls } from './host-controls.ts';
import { openLiveView } from './live.ts';
import { networkControls } from './network/controls.ts';
import { readyText } from './ready-text.ts';
import { quote, type TryCommands, tryCommands } from './try-commands.ts';

export interface BringUpOptions {
  readonly json?: boolean;
  readonly log?: string;
}

/** The parts of a fabric, and where they stand. */
export interface BringUpPlans {
  readonly arrays: readonly ArrayPlan[];
  readonly hosts: readonly HostPlan[];
  /** Undefined: nothing of the fabric has a wire. */
  readonly network: NetworkPlan | undefined;
  /** Undefined: there is none that could be read again, and by whose name the fabric could be asked. */
  readonly file: string | undefined;
  /** The hosts as the file has them now. Rejects with a sentence. */
  readonly reread: () => Promise<readonly HostPlan[]>;
}

interface Running {
  readonly network: RunningNetwork | undefined;
  readonly arrays: RunningArrays;
  readonly hosts: RunningHosts;
}

/** Ends by a second signal, as shells count SIGINT. */
const EXIT_INTERRUPTED = 130;
/** So long the ready line waits for hosts: what takes longer is told by events. */
const HOSTS_MILLISECONDS = 3000;

export async function bringUp(name: string, plans: BringUpPlans, options: BringUpOptions, context: CommandContext): Promise<number> {
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
  let control: ControlSocket | undefined;
  try {
    fabricStarting(events, name, countOf(plans.arrays));
    const startedAt = context.now();
    const running = await start(name, plans, events, context);
    if (plans.hosts.length > 0) await Promise.race([running.hosts.tried(HOSTS_MILLISECONDS), stopRequest.requested]);
    control = await openControl(name, plans, running, events, context);
    fabricReady(events, name, { portals: announced(running.arrays, plans.arrays) });
    const ready = readyReport(running, plans, control);
    const tries = [...fabricCommands(plans, control), ...tryCommands(plans.arrays, ready, plans.network)];
    if (options.json === true) context.out(`${JSON.stringify(ready)}\n`);
    else context.out(readyText(ready, tries, context.outColors));
    const view =
      context.terminal === undefined || options.json === true
        ? undefined
        : openLiveView({ name, ...running, running: running.arrays, tries, startedAt, context, terminal: context.terminal });
    show = view === undefined ? eventLines({ write: (line) => context.out(line) }) : (event) => view.handleEvent(event);
    // The ready line has said what the event says.
    for (const event of held) if (event.id !== fabricReady.id && event.id !== fabricStarting.id) show(event);
    held = undefined;
    try {
      await stopRequest.requested;
      fabricStopping(events, name, { sessions: running.arrays.sessions().length });
      view?.handleStopping();
      // First those who use the disks, so that they log out of targets that are still there.
      await running.hosts.stop();
      await running.arrays.stop();
      await running.network?.stop();
    } finally {
      view?.close();
      if (view !== undefined) show = () => {};
    }
    fabricStopped(events, name, { upMilliseconds: Math.round(context.now() - startedAt) });
    if (view !== undefined) context.out('Stopped.\n');
    return 0;
  } finally {
    await control?.close();
    stopRequest.close();
    logFile?.close();
  }
}

async function start(name: string, plans: BringUpPlans, events: EventSink, context: CommandContext): Promise<Running> {
  const readSecret = onceEach(secretReader(context.environment, events));
  let network: RunningNetwork | undefined;
  let arrays: RunningArrays | undefined;
  try {
    network = plans.network === undefined ? undefined : await context.startNetwork(plans.network, { events });
    arrays = await context.startArrays(plans.arrays, { events, readSecret, network });
    const hosts = await context.startHosts(plans.hosts, { events, readSecret, arrays: arrays.ready.arrays, network });
    return { network, arrays, hosts };
  } catch (error) {
    await arrays?.stop().catch(() => {});
    await network?.stop().catch(() => {});
    const reason = error instanceof Error ? error.message : String(error);
    fabricFailed(events, name, { reason });
    throw new UserError(reason, { cause: error });
  }
}

/** A secret that arrays and hosts of one fabric share is read, and warned of, once. */
function onceEach(read: SecretReader): SecretReader {
  const known = new Map<string, Uint8Array>();
  return (source) => {
    const key = source.kind === 'env' ? `env ${source.name}` : `file ${source.path}`;
    const secret = known.get(key) ?? read(source);
    known.set(key, secret);
    return secret;
  };
}

async function openControl(
  name: string,
  plans: BringUpPlans,
  running: Running,
  events: EventSink,
  context: CommandContext,
): Promise<ControlSocket | undefined> {
  if (plans.file === undefined) return undefined;
  try {
    const handlers = { ...hostControls(name, running.hosts, plans.reread), ...networkControls(name, running.network) };
    return await context.openControl(plans.file, handlers);
  } catch (error) {
    controlUnavailable(events, name, { reason: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

const readyReport = ({ network, arrays, hosts }: Running, plans: BringUpPlans, control: ControlSocket | undefined): ReadyReport => ({
  ...arrays.ready,
  ...(network === undefined ? {} : { network: network.ready }),
  ...(plans.hosts.length === 0 ? {} : { hosts: hosts.reports() }),
  ...(control === undefined ? {} : { control: control.path }),
});

/** How hosts and network are looked at, where they can be. */
function fabricCommands({ hosts, network, file }: BringUpPlans, control: ControlSocket | undefined): TryCommands[] {
  if (file === undefined || control === undefined) return [];
  const commands = hosts.length === 0 ? [] : [`samewire iscsi sessions ${quote(file)}`];
  if (network !== undefined) commands.push(`samewire network show ${quote(file)}`);
  const port = network === undefined ? undefined : busyPort(network);
  if (port !== undefined) commands.push(`samewire capture ${quote(file)} ${quote(placeText(port))} | wireshark -k -i -`);
  return commands.length === 0 ? [] : [{ title: '', commands }];
}

/** Where there is something to see: what is published goes through the port of its host, hosts talk to arrays. */
function busyPort({ machines, links, attachments }: NetworkPlan): PortPlace | undefined {
  const ends = links.flatMap((link) => link.ends);
  const publisher = machines.find(({ publications }) => publications.length > 0)?.name;
  return (
    ends.find(({ node }) => node === publisher) ??
    ends.find(({ node }) => machines.some(({ name }) => name === node)) ??
    ends[0] ??
    attachments[0]
  );
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
