/** A command context that remembers, for tests: files in a map, time that is set, signals that are sent by hand. */
import colors from 'picocolors';
import type { ArrayPlan } from '../../fabric/plan.ts';
import type { RunningHosts } from '../../os/host-runner.ts';
import type { ArrayServices, RunningArrays } from '../../os/running.ts';
import { askOperation } from '../../server/api/ask.ts';
import type { Served } from '../../server/api/operation.ts';
import { type SamplerTime, startSampler } from '../../server/view/start-sampler.ts';
import { type CommandContext, UserError } from '../context.ts';

export interface TestContext extends CommandContext {
  readonly files: Map<string, string>;
  /** Files of bytes that were written. */
  readonly byteFiles: Map<string, Uint8Array>;
  readonly exits: number[];
  /** Everything written to standard output so far. */
  readonly written: () => string;
  readonly complaints: () => string;
  /** What can be asked of the fabric that is up. */
  served(): Served | undefined;
  signal(): void;
  /** Presses keys, one after the other. */
  press(...keys: readonly string[]): void;
  /** Who reads the keyboard now. */
  readers(): number;
  tick(milliseconds: number): void;
  resize(columns: number, rows: number): void;
}

export interface TestOptions {
  /** What samples are taken by; default: the clock of the system. */
  readonly samplerTime?: SamplerTime;
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly size?: { readonly columns: number; readonly rows: number };
  readonly startArrays?: CommandContext['startArrays'];
  readonly startHosts?: CommandContext['startHosts'];
  readonly startNetwork?: CommandContext['startNetwork'];
  readonly streams?: Partial<Pick<CommandContext, 'openControlStream' | 'openOutput' | 'outIsTerminal'>>;
}

const listenTo = (listeners: Set<() => void>) => (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export function testContext(options: TestOptions = {}): TestContext {
  const files = new Map(Object.entries(options.files ?? {}));
  const bytesWritten = new Map<string, Uint8Array>();
  const exits: number[] = [];
  const controls = new Map<string, Served>();
  const signals = new Set<() => void>();
  const keyListeners = new Set<(key: string) => void>();
  const ticks = new Set<() => void>();
  const resizes = new Set<() => void>();
  let out = '';
  let err = '';
  let nowMilliseconds = 1000;
  let size = options.size;
  return {
    version: '1.2.3',
    files,
    byteFiles: bytesWritten,
    exits,
    served: () => [...controls.values()][0],
    written: () => out,
    complaints: () => err,
    signal: () => signals.forEach((listener) => listener()),
    press: (...keys) => keys.forEach((key) => [...keyListeners].forEach((listener) => listener(key))),
    readers: () => keyListeners.size,
    tick(milliseconds) {
      nowMilliseconds += milliseconds;
      ticks.forEach((action) => action());
    },
    resize(columns, rows) {
      size = { columns, rows };
      resizes.forEach((listener) => listener());
    },
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    outColors: colors.createColors(false),
    errColors: colors.createColors(false),
    terminal: size === undefined ? undefined : { size: () => size!, onResize: listenTo(resizes) },
    environment: options.environment ?? {},
    async readText(file) {
      const text = files.get(file);
      if (text === undefined) throw new UserError(`Can't read ${file}: there is no such file.`);
      return text;
    },
    async writeText(file, text, replace) {
      if (files.has(file) && !replace) throw new UserError(`Can't write ${file}: it exists already.`);
      files.set(file, text);
    },
    onKey(listener) {
      keyListeners.add(listener);
      return () => void keyListeners.delete(listener);
    },
    async writeBytes(file, bytes, replace) {
      if (bytesWritten.has(file) && !replace) throw new UserError(`Can't write ${file}: it exists already.`);
      bytesWritten.set(file, bytes);
    },
    onSignal: listenTo(signals),
    onExit: () => () => {},
    exitNow: (code) => void exits.push(code),
    now: () => nowMilliseconds,
    every: (_, action) => listenTo(ticks)(action),
    startArrays: options.startArrays ?? (async (plans, services) => fakeArrays(plans, services)),
    startHosts: options.startHosts ?? (async () => fakeHosts()),
    startNetwork: options.startNetwork ?? (() => Promise.reject(new Error('no network here'))),
    async openServer(fabric) {
      const sampler = startSampler(fabric, options.samplerTime);
      const served: Served = { fabric, sampler };
      return {
        sampler,
        async openControl(file) {
          controls.set(file, served);
          return `/run/${file}.sock`;
        },
        openPage: async () => 'http://127.0.0.1:8326/#token=of-a-test',
        handleStopping() {},
        async close() {
          sampler.close();
          for (const [file, one] of controls) if (one === served) controls.delete(file);
        },
      };
    },
    async askControl(file, method, url, body) {
      const served = file === undefined ? [...controls.values()][0] : controls.get(file);
      return served === undefined ? undefined : askOperation(served, method, url, body);
    },
    openControlStream: () => Promise.reject(new Error('no streams here')),
    openOutput: () => Promise.reject(new Error('no bytes here')),
    outIsTerminal: size !== undefined,
    ...options.streams,
  };
}

/** Arrays that are up without a socket: ports are 40001 and on. */
export function fakeArrays(plans: readonly ArrayPlan[], _services: ArrayServices, changes: Partial<RunningArrays> = {}): RunningArrays {
  let port = 40000;
  const address = (host: string): string => `${host.includes(':') ? `[${host}]` : host}:${(port += 1)}`;
  const arrays = plans.map((plan) => {
    const targets = plan.targets.map((target) => ({
      name: target.name,
      luns: target.units.map(({ lun, store, config }) => ({
        lun,
        store: store.kind,
        bytes: store.sizeBytes ?? 0,
        blockSize: config.blockBytes,
      })),
    }));
    return [plan.name, { portals: plan.portals.map((portal) => address(portal.host)), targets }] as const;
  });
  return {
    ready: { event: 'ready', arrays: Object.fromEntries(arrays) },
    sessions: () => [],
    units: () => [],
    latencies: () => [],
    endSession: () => false,
    groups: () => [],
    setAccess: () => 0,
    stop: async () => {},
    ...changes,
  };
}

/** Hosts that are up without a socket: those of the reports. */
export const fakeHosts = (changes: Partial<RunningHosts> = {}): RunningHosts => ({
  reports: () => [],
  tried: async () => {},
  configure: () => [],
  rescan: async () => {},
  forget: () => false,
  setPath: () => false,
  reset: () => undefined,
  stop: async () => {},
  ...changes,
});
