/** Brings planned arrays up on real sockets and files, all or nothing, and takes them down again in order. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { StorageArray } from '../device/storage-array.ts';
import { formatAddress } from '../fabric/address.ts';
import { buildArray } from '../fabric/build.ts';
import type { ArrayPlan, PortalPlan, TargetPlan, UnitPlan } from '../fabric/plan.ts';
import type { BackingStore } from '../storage/block/backing-store.ts';
import { MemoryStore } from '../storage/block/memory.ts';
import type { Portal } from '../storage/iscsi/target-context.ts';
import type { LogicalUnit } from '../storage/scsi/logical-unit.ts';
import { openFileStore } from './file-store.ts';
import { registerArray } from './isns/array-registration.ts';
import { listen, type Listener } from './listener.ts';
import { reservationFile } from './reservation-file.ts';
import type { ArrayReady, ArrayServices, GroupReport, RunningArrays, SessionReport, UnitReport } from './running.ts';
import { streamFromSocket } from './socket-stream.ts';
import { systemRng } from './system-rng.ts';
import { wallClock } from './wall-clock.ts';

/** Between two pieces of an operation on a whole logical unit. */
const PAUSE_MILLISECONDS = 50;

/** Monotonic, and as cheap as a clock gets here: some 50 ns a reading, two for each command. */
const monotonicNanos = (): number => performance.now() * 1e6;

/** What is open, to be closed in the reverse order of opening. */
type Closer = () => Promise<void>;

interface RunningArray {
  readonly plan: ArrayPlan;
  readonly array: StorageArray;
  readonly portals: readonly string[];
}

/** Rejects with an Error of one clear sentence; then nothing is left open. */
export async function startArrays(plans: readonly ArrayPlan[], services: ArrayServices): Promise<RunningArrays> {
  const closers: Closer[] = [];
  const closeAll = async (): Promise<void> => {
    // Whatever goes wrong with one, the others are closed too; the first failure is told.
    const failures: unknown[] = [];
    for (const close of closers.splice(0).reverse()) await close().catch((error: unknown) => failures.push(error));
    if (failures.length !== 0) throw failures[0];
  };
  const running: RunningArray[] = [];
  try {
    for (const plan of plans) running.push(await startArray(plan, services, closers));
  } catch (error) {
    await closeAll().catch(() => {});
    throw error;
  }
  let stopped: Promise<void> | undefined;
  return {
    ready: { event: 'ready', arrays: Object.fromEntries(running.map((one) => [one.plan.name, readyOf(one)])) },
    sessions: () => running.flatMap(sessionsOf),
    units: () => running.flatMap(unitsOf),
    latencies: () => running.flatMap(({ array }) => array.units.map(({ unit }) => unit.latencies)),
    groups: (name) => {
      const found = running.find(({ plan }) => plan.name === name);
      return found === undefined ? [] : groupsOf(found);
    },
    setAccess: (name, group, change) => running.find(({ plan }) => plan.name === name)?.array.setAccess(group, change) ?? 0,
    endSession: (name, id) => running.find(({ plan }) => plan.name === name)?.array.service.endSession(id) ?? false,
    stop: () => (stopped ??= closeAll()),
  };
}

async function startArray(plan: ArrayPlan, services: ArrayServices, closers: Closer[]): Promise<RunningArray> {
  // First, because disk images may be declared to lie in it.
  if (plan.stateDirectory !== undefined) await makeStateDirectory(plan.stateDirectory);
  const stores = new Map<UnitPlan, BackingStore>();
  for (const target of plan.targets) {
    for (const unit of target.units) {
      const store = await openStore(unit);
      stores.set(unit, store);
      closers.push(() => closeStore(store));
    }
  }
  const listeners: Listener[] = [];
  const array = buildArray(plan, {
    clock: services.network?.clock ?? wallClock(),
    rng: systemRng,
    events: services.events,
    readSecret: services.readSecret,
    store: (_, unit) => stores.get(unit)!,
    unitOptions: (target, unit) => ({
      defer: (action) => void setImmediate(action),
      // Long enough that everybody else hardly notices; it doesn't keep a process alive that is done otherwise.
      pause: (action) => void setTimeout(action, PAUSE_MILLISECONDS).unref(),
      // On the wall also where the array is on a network of its own: what is measured is what this program does.
      now: monotonicNanos,
      ...(plan.stateDirectory === undefined ? {} : { reservationKeeper: reservationFile(statePath(plan.stateDirectory, target, unit)) }),
    }),
    announce: (index) => announced(plan, index, listeners),
  });
  closers.push(() => new Promise((resolve) => array.service.stop(resolve)));
  for (const [index, portal] of plan.portals.entries()) {
    const accept = () => array.service.accept(array.service.portals[index]!);
    const listener =
      listenInFabric(plan, portal, accept, services) ??
      (await listen(portal.host, portal.port, (socket) => {
        const { receiver, attach } = accept();
        attach(streamFromSocket(socket, receiver));
      }));
    listeners.push(listener);
    closers.push(() => listener.close());
  }
  // Last up, and first down: nobody is sent to what does not listen.
  if (plan.isns !== undefined) closers.push(await registerArray(plan, plan.isns, listeners, services.events));
  return { plan, array, portals: listeners.map((listener) => listener.address) };
}

/** Over the array's own TCP, where the portal's address is one of its own; undefined: it is one of the machine we run on. */
const listenInFabric = (
  plan: ArrayPlan,
  portal: PortalPlan,
  accept: () => ReturnType<StorageArray['service']['accept']>,
  { network }: ArrayServices,
): Listener | undefined =>
  network?.listen(plan.name, portal.host, portal.port, (stream) => {
    const { receiver, attach } = accept();
    attach(stream);
    return receiver;
  });

async function openStore(unit: UnitPlan): Promise<BackingStore> {
  const { store, config } = unit;
  if (store.kind === 'memory') return new MemoryStore({ sizeBytes: store.sizeBytes, thin: config.thin });
  return openFileStore(store.path, {
    sizeBytes: store.sizeBytes,
    create: store.sizeBytes !== undefined && !config.readOnly,
    thin: config.thin,
    readOnly: config.readOnly,
    blockBytes: config.blockBytes,
  });
}

const why: Readonly<Record<string, string>> = {
  EEXIST: 'a file stands there',
  ENOTDIR: 'a part of the path is not a directory',
  EACCES: 'permission is denied',
  EROFS: 'the file system is read-only',
};

async function makeStateDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`Can't make the state directory ${directory}: ${why[code ?? ''] ?? message}.`, { cause: error });
  }
}

const closeStore = (store: BackingStore): Promise<void> =>
  new Promise((resolve, reject) => store.close((error) => (error === undefined ? resolve() : reject(new Error(error.message)))));

/** One file a logical unit: what it keeps must not be mixed up when targets and LUNs come and go. */
const statePath = (directory: string, target: TargetPlan, unit: UnitPlan): string =>
  join(directory, `${target.name.replaceAll(/[^a-z0-9.-]/g, '_')}-lun${unit.lun}.reservations.json`);

/** Declared, or what is listened on; where that is every address, its port at the one the initiator reached (RFC 7143 appendix C). */
function announced(plan: ArrayPlan, index: number, listeners: readonly Listener[]): Portal['announce'] {
  const portal = plan.portals[index]!;
  const actual = listeners[index];
  const port = actual?.port ?? portal.port;
  if (portal.announce !== undefined) return formatAddress(portal.announce.host, portal.announce.port ?? port);
  return portal.host === '0.0.0.0' || portal.host === '::' ? { port } : actual?.address;
}

const readyOf = ({ plan, array, portals }: RunningArray): ArrayReady => ({
  portals,
  targets: plan.targets.map((target) => ({
    name: target.name,
    luns: target.units.map((unit) => ({
      lun: unit.lun,
      store: unit.store.kind,
      bytes: capacityBytes(array.units.find((one) => one.target === target.name && one.lun === unit.lun)!.unit),
      blockSize: unit.config.blockBytes,
    })),
  })),
});

/** Whole blocks: what READ CAPACITY tells, which an odd image's size may exceed. */
const capacityBytes = (unit: LogicalUnit): number => unit.blockCount * unit.config.blockBytes;

const sessionsOf = ({ plan, array }: RunningArray): SessionReport[] =>
  array.service.sessions().map((session) => ({
    array: plan.name,
    id: session.id,
    target: session.device === undefined ? undefined : session.identity.targetName,
    initiator: session.identity.initiatorName,
    remotes: [...session.connections.values()].map((connection) => connection.remote),
    authentication: session.authentication,
    commandsUnderWay: session.commands.size,
  }));

const unitsOf = ({ plan, array }: RunningArray): UnitReport[] =>
  array.units.map(({ target, lun, unit }) => ({
    array: plan.name,
    target,
    lun,
    store: unit.store.kind === 'memory' ? 'memory' : 'file',
    bytes: capacityBytes(unit),
    otherCommands: unit.counters.commands - unit.counters.readCommands - unit.counters.writeCommands,
    ...unit.counters,
  }));

function groupsOf({ plan, array, portals }: RunningArray): GroupReport[] {
  const tags = [...new Set(plan.portals.map((portal) => portal.group))].toSorted((a, b) => a - b);
  return tags.map((group) => {
    const units = array.units.map(({ unit }) => unit).filter((unit) => unit.device.ports.some(({ groupId }) => groupId === group));
    const states = new Set(units.map((unit) => unit.accessStates.of(group)));
    return {
      group,
      access: states.size === 1 ? [...states][0] : undefined,
      preferred: units.some((unit) => unit.accessStates.prefers(group)),
      portals: portals.filter((_, index) => plan.portals[index]!.group === group),
    };
  });
}
