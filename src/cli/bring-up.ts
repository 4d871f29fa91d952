/** What `up` and `serve` share: start the arrays and the hosts, say so, show what happens, stop when asked. */
import type { EventSink, FabricEvent } from '../base/event.ts';
import { formatAddress } from '../fabric/address.ts';
import type { NetworkPlan, PortPlace } from '../fabric/network/plan.ts';
import type { ArrayPlan } from '../fabric/plan.ts';
import type { RunningHosts } from '../os/host-runner.ts';
import { placeText, type RunningNetwork } from '../os/network/running-network.ts';
import type { ReadyReport, RunningArrays, SecretReader } from '../os/running.ts';
import { secretReader } from '../os/secrets.ts';
import { EventLog } from '../server/event-log.ts';
import { pageUnavailable } from '../server/events.ts';
import type { FabricServer } from '../server/http/open-server.ts';
import { choosePage, type PageChoice } from '../server/http/page-address.ts';
import type { FabricPlans, RunningFabric } from '../server/running-fabric.ts';
import type { Sampler } from '../server/view/sampler.ts';
import { startSampler } from '../server/view/start-sampler.ts';
import { controlUnavailable, fabricFailed, fabricReady, fabricStarting, fabricStopped, fabricStopping } from './cli-events.ts';
import { type CommandContext, UserError } from './context.ts';
import { eventLines, openLogFile } from './event-log.ts';
import { openLiveView } from './live.ts';
import { readyText } from './ready-text.ts';
import { quote, type TryCommands, tryCommands } from './try-commands.ts';

export interface BringUpOptions {
  readonly json?: boolean;
  readonly log?: string;
  /** Where the page listens; false: there is none, undefined: at the usual place. */
  readonly page?: string | false;
}

/** The parts of a fabric, and where they stand. */
export interface BringUpPlans extends FabricPlans, Pick<RunningFabric, 'file' | 'text' | 'problems' | 'onlyChecked' | 'reread'> {}

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
  const page = options.page === false ? undefined : pageChoice(options.page, context);
  const logFile = options.log === undefined ? undefined : openLogFile(options.log, (sentence) => context.err(`samewire: ${sentence}\n`));
  // Held back until the ready line is out: it is the first thing a program reads.
  let held: FabricEvent[] | undefined = [];
  let show: EventSink = (event) => held?.push(event);
  const log = new EventLog(() => new Date());
  const events = log.sink;
  if (logFile !== undefined) log.listen(eventLines(logFile));
  log.listen((event) => show(event));
  const stopRequest = stopSignals(context);
  let server: OpenedServer | undefined;
  // Where nobody can ask, the terminal still shows what goes on.
  let ownSampler: Sampler | undefined;
  try {
    fabricStarting(events, name, countOf(plans.arrays));
    const [startedAt, date] = [context.now(), new Date()];
    const running = await start(name, plans, events, context);
    const fabric: RunningFabric = { name, version: context.version, startedAt: date, plans, ...plans, ...running, events: log };
    const tried = plans.hosts.length === 0 ? undefined : Promise.race([running.hosts.tried(HOSTS_MILLISECONDS), stopRequest.requested]);
    server = await open(fabric, page, context).catch(async (error: unknown) => {
      await stop(running);
      throw failed(error, name, events);
    });
    await tried;
    fabricReady(events, name, { portals: announced(running.arrays, plans.arrays) });
    const ready = readyReport(running, plans, server);
    const tries = [...fabricCommands(plans, server.control), ...tryCommands(plans.arrays, ready, plans.network)];
    if (options.json === true) context.out(`${JSON.stringify(ready)}\n`);
    else context.out(readyText(ready, tries, context.outColors));
    const view =
      context.terminal === undefined || options.json === true
        ? undefined
        : openLiveView({
            name,
            url: server.url,
            sampler: server.all?.sampler ?? (ownSampler = startSampler(fabric)),
            network: running.network,
            tries,
            startedAt,
            context,
            terminal: context.terminal,
          });
    show = view === undefined ? eventLines({ write: (line) => context.out(line) }) : (event) => view.handleEvent(event);
    // The ready line has said what the event says.
    for (const event of held) if (event.id !== fabricReady.id && event.id !== fabricStarting.id) show(event);
    held = undefined;
    try {
      await stopRequest.requested;
      fabricStopping(events, name, { sessions: running.arrays.sessions().length });
      view?.handleStopping();
      server.all?.handleStopping();
      await stop(running);
    } finally {
      view?.close();
      if (view !== undefined) show = () => {};
    }
    fabricStopped(events, name, { upMilliseconds: Math.round(context.now() - startedAt) });
    if (view !== undefined) context.out('Stopped.\n');
    return 0;
  } finally {
    ownSampler?.close();
    await server?.all?.close();
    stopRequest.close();
    logFile?.close();
  }
}

/** First those who use the disks, so that they log out of targets that are still there. */
async function stop({ hosts, arrays, network }: Running): Promise<void> {
  await hosts.stop();
  await arrays.stop();
  await network?.stop();
}

function failed(error: unknown, name: string, events: EventSink): UserError {
  const reason = reasonOf(error);
  fabricFailed(events, name, { reason });
  return new UserError(reason, { cause: error });
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function pageChoice(written: string | undefined, context: CommandContext): PageChoice {
  try {
    return choosePage(written, context.environment);
  } catch (error) {
    throw new UserError(reasonOf(error), { cause: error });
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
    throw failed(error, name, events);
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

interface OpenedServer {
  /** Undefined: nobody can ask. */
  readonly all: FabricServer | undefined;
  /** Path of the control socket. */
  readonly control: string | undefined;
  /** Of the page, with the token of this run. One that somebody chose is a secret of theirs, and not printed. */
  readonly url: string | undefined;
}

/** Rejects where a page was asked for that can't be; otherwise the fabric is up also where nobody can ask it. */
async function open(fabric: RunningFabric, page: PageChoice | undefined, context: CommandContext): Promise<OpenedServer> {
  const { name, file, events } = fabric;
  if (file === undefined && page === undefined) return { all: undefined, control: undefined, url: undefined };
  const all = await context.openServer(fabric);
  const control =
    file === undefined
      ? undefined
      : await all.openControl(file).catch((error: unknown) => {
          controlUnavailable(events.sink, name, { reason: reasonOf(error) });
          return undefined;
        });
  const url =
    page === undefined
      ? undefined
      : await all.openPage(page).catch(async (error: unknown) => {
          if (page.wasAsked) {
            await all.close();
            throw error;
          }
          pageUnavailable(events.sink, name, { reason: reasonOf(error) });
          return undefined;
        });
  return { all, control, url: page?.token === undefined ? url : url?.replace(/#.*/, '') };
}

const readyReport = ({ network, arrays, hosts }: Running, plans: BringUpPlans, { control, url }: OpenedServer): ReadyReport => ({
  ...arrays.ready,
  ...(network === undefined ? {} : { network: network.ready }),
  ...(plans.hosts.length === 0 ? {} : { hosts: hosts.reports() }),
  ...(control === undefined ? {} : { control }),
  ...(url === undefined ? {} : { url }),
});

/** How hosts and network are looked at, where they can be. */
function fabricCommands({ hosts, network, file }: BringUpPlans, control: string | undefined): TryCommands[] {
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
