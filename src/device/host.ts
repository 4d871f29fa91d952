/** A host: iSCSI adapters, and the disks that it finds through them, each over all of its paths. Composition only. */
import type { Clock } from '../base/clock.ts';
import type { EventSink } from '../base/event.ts';
import type { Rng } from '../base/rng.ts';
import { type AdapterConfig, AdapterSession, defaultAdapterLimits, type FoundUnit, IscsiAdapter } from '../storage/iscsi/adapter/index.ts';
import { unitFound, unitGone } from '../storage/iscsi/adapter/events.ts';
import type { Dial } from '../storage/iscsi/initiator/transport.ts';
import type { IscsiPath } from '../storage/iscsi/initiator/iscsi-path.ts';
import type { SessionServices } from '../storage/iscsi/initiator/session.ts';
import type { InitiatorTask } from '../storage/iscsi/initiator/task.ts';
import type { MultipathLimits } from '../storage/multipath/limits.ts';
import { MultipathUnit } from '../storage/multipath/unit.ts';

export interface AdapterParts {
  readonly name: string;
  readonly config: AdapterConfig;
  /** Its connections leave from its own addresses. */
  readonly dial: Dial;
}

export interface HostParts {
  readonly name: string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly events: EventSink;
  readonly defer: SessionServices['defer'];
  readonly allocate: SessionServices['allocate'];
  readonly multipath: MultipathLimits;
  readonly adapters: readonly AdapterParts[];
  /** Told when paths come, go, or change. */
  readonly handleChange: () => void;
}

export interface HostPath {
  /** `vmhba64:C0:T0:L0`, as ESXi calls paths: adapter, channel (the portal), target, LUN. */
  readonly name: string;
  readonly adapter: IscsiAdapter;
  readonly session: AdapterSession;
  readonly lun: number;
  readonly link: IscsiPath;
}

export interface HostDevice {
  /** `naa.6...`, `eui....` or `t10....`; `mpx.` and a path for a unit without a name of its own. */
  readonly name: string;
  readonly unit: MultipathUnit<InitiatorTask>;
  readonly paths: Map<string, HostPath>;
  /** As it was last seen by any path. */
  facts: FoundUnit;
}

/** PERIPHERAL DEVICE TYPE of direct access block devices (SPC-5 table 171). */
const DISK = 0;

export class Host {
  readonly name: string;
  readonly adapters: readonly IscsiAdapter[];
  readonly devices = new Map<string, HostDevice>();
  readonly #parts: HostParts;

  constructor(parts: HostParts) {
    this.name = parts.name;
    this.#parts = parts;
    const { clock, rng, events, defer, allocate } = parts;
    this.adapters = parts.adapters.map(({ name, config, dial }) => {
      const source = `${parts.name}/${name}`;
      const services = { clock, rng, defer, allocate, dial, events: within(events, source) };
      const options = { name, source, limits: defaultAdapterLimits, services };
      return new IscsiAdapter(config, options, { handleUnits: (adapter, session) => this.#handleUnits(adapter, session) });
    });
  }

  /** Every path has come up, or failed to, at least once. */
  get isTried(): boolean {
    return [...this.devices.values()].every((device) => device.unit.isTried);
  }

  /** Every adapter applies what it is told now; `done` runs once that has come to something. */
  rescan(done: () => void): void {
    all(this.adapters, (adapter, then) => adapter.rescan(then), done);
  }

  /** Switches a path on or off, by its name and its device's. False: there is no such path. */
  setPath(device: string, path: string, on: boolean): boolean {
    const found = this.devices.get(device);
    const link = found?.paths.get(path)?.link;
    return found !== undefined && link !== undefined && found.unit.switchPath(link, on);
  }

  #handleUnits(adapter: IscsiAdapter, session: AdapterSession): void {
    // A session that is being left has none any more.
    const current = adapter.session(session.target) === session;
    const units = current ? session.units.filter((unit) => unit.deviceType === DISK) : [];
    const wanted = new Map(units.map((unit) => [pathName(adapter, session, unit.lun), unit]));
    for (const device of this.devices.values()) {
      for (const path of device.paths.values()) {
        const unit = path.session === session ? wanted.get(path.name) : undefined;
        if (path.session === session && (unit === undefined || deviceName(unit, path.name) !== device.name)) this.#removePath(device, path);
      }
    }
    for (const [name, unit] of wanted) this.#addPath(adapter, session, name, unit);
  }

  #addPath(adapter: IscsiAdapter, session: AdapterSession, name: string, unit: FoundUnit): void {
    const key = deviceName(unit, name);
    let device = this.devices.get(key);
    if (device === undefined) {
      const { clock, rng, events, multipath: limits } = this.#parts;
      const source = `${this.name}/${key}`;
      device = {
        name: key,
        unit: new MultipathUnit<InitiatorTask>({ clock, rng, events, source, limits }, { handleChange: this.#parts.handleChange }),
        paths: new Map(),
        facts: unit,
      };
      this.devices.set(key, device);
    }
    device.facts = unit;
    if (device.paths.has(name)) return;
    const link = session.path(unit.lun, name);
    device.paths.set(name, { name, adapter, session, lun: unit.lun, link });
    unitFound(this.#parts.events, `${this.name}/${adapter.name}`, { path: name, device: key });
    device.unit.add(link, this.#priority(adapter, session, unit.lun));
  }

  /** For failover: adapters as they were declared, then targets and their portals as they were found. */
  #priority(adapter: IscsiAdapter, { target }: AdapterSession, lun: number): number {
    const { targets, units } = defaultAdapterLimits;
    const portal = target.target * targets + target.channel;
    return (this.adapters.indexOf(adapter) * targets * targets + portal) * units + Math.min(lun, units - 1);
  }

  #removePath(device: HostDevice, path: HostPath): void {
    device.paths.delete(path.name);
    unitGone(this.#parts.events, `${this.name}/${path.adapter.name}`, { path: path.name, device: device.name });
    if (device.paths.size > 0) return device.unit.remove(path.link, () => {});
    // Nobody can use it any more: what waits for a path would wait for ever.
    this.devices.delete(device.name);
    device.unit.close(() => {});
  }

  /** Logs out everywhere; `done` runs once everything is over. */
  stop(done: () => void): void {
    const devices = [...this.devices.values()];
    this.devices.clear();
    all(
      devices,
      (device, then) => device.unit.close(then),
      () => all(this.adapters, (adapter, then) => adapter.stop(then), done),
    );
  }
}

const pathName = (adapter: IscsiAdapter, { target }: AdapterSession, lun: number): string =>
  `${adapter.name}:C${target.channel}:T${target.target}:L${lun}`;

const deviceName = (unit: FoundUnit, path: string): string => unit.name ?? `mpx.${path}`;

/** Events of one of many: which one, stands before where they come from. */
const within =
  (events: EventSink, source: string): EventSink =>
  (event) =>
    events(event.source === source || event.source.startsWith(`${source}/`) ? event : { ...event, source: `${source}/${event.source}` });

function all<Item>(items: readonly Item[], act: (item: Item, then: () => void) => void, done: () => void): void {
  let left = items.length + 1;
  const then = (): void => {
    left -= 1;
    if (left === 0) done();
  };
  for (const item of items) act(item, then);
  then();
}
