/** Block storage from code: `await using target = await serve({ luns: [{ memory: '64MiB' }] })`, for other people's test suites. */
import { ignoreEvents, type EventSink } from '../base/event.ts';
import { utf8Bytes } from '../base/bytes.ts';
import type { AccessChange } from '../device/storage-array.ts';
import { checkDeclaration } from '../check/check-fabric.ts';
import { ConfigError } from '../fabric/config-error.ts';
import { planArrays } from '../fabric/plan.ts';
import type { AccessState } from '../storage/scsi/access-states.ts';
import { startArrays } from './array-server.ts';
import type { SessionReport, UnitReport } from './running.ts';

export interface ServedLun {
  /** LUN; default: its place in the list. */
  readonly lun?: number;
  /** Size of a memory disk, `64MiB` or bytes. Exactly one of `memory` and `file`. */
  readonly memory?: string | number;
  /** Path of an image, relative to the working directory. */
  readonly file?: string;
  /** Size of the image, which is made if it isn't there; default: the size it has. */
  readonly size?: string | number;
  readonly blockSize?: 512 | 4096;
  readonly thin?: boolean;
  readonly readOnly?: boolean;
  readonly removable?: boolean;
  readonly serial?: string;
}

export interface ServedChap {
  readonly user: string;
  /** At least 12 bytes (RFC 7143 §9.2.1). */
  readonly secret: string | Uint8Array;
  readonly mutual?: { readonly user: string; readonly secret: string | Uint8Array };
}

export type ServedAccess = 'active-optimized' | 'active-nonoptimized' | 'standby' | 'unavailable';

export interface ServedPortal {
  /** Default: loopback, on a port that is free. */
  readonly listen?: string;
  /** Asymmetric access (ALUA); default: `active-optimized`. */
  readonly access?: ServedAccess;
  readonly preferred?: boolean;
}

export interface ServeOptions {
  readonly luns: readonly ServedLun[];
  /** Default: loopback, on a port that is free. */
  readonly portal?: string;
  /** Several, for multipath: each a target portal group of its own, from 1. Instead of `portal`. */
  readonly portals?: readonly ServedPortal[];
  readonly target?: string;
  /** Initiators that may log in; default: any, on loopback. */
  readonly initiators?: readonly string[];
  readonly chap?: ServedChap;
  /** Directory for what survives a restart (persistent reservations); default: nothing does. */
  readonly state?: string;
  readonly events?: EventSink;
}

export interface ServedTarget extends AsyncDisposable {
  /** `host:port` listened on. */
  readonly portal: string;
  /** All of them, in the order given. */
  readonly portals: readonly string[];
  /** The target's iSCSI name. */
  readonly target: string;
  /** In libiscsi's form: `iscsi://127.0.0.1:40123/iqn.../0`. */
  url(lun?: number): string;
  /** The same unit by every portal: what `connectMultipath` takes. */
  urls(lun?: number): readonly string[];
  /** Moves the portal at this place in `portals` to another access state (implicit ALUA); initiators are told. */
  setAccess(portal: number, access: AccessState, options?: Omit<AccessChange, 'access' | 'target'>): void;
  sessions(): readonly SessionReport[];
  units(): readonly UnitReport[];
  /** Finishes the commands in flight, flushes, logs everybody out. */
  stop(): Promise<void>;
}

const NAME = 'serve';
const LOOPBACK = '127.0.0.1:0';
const DEFAULT_TARGET = 'iqn.2026-01.net.samewire:serve';

/** Rejects with a ConfigError for what can't be right, and an Error of one sentence for what can't be done. */
export async function serve(options: ServeOptions): Promise<ServedTarget> {
  // Secrets go round the declaration: it holds but names for them, as a file would.
  const secrets = new Map<string, Uint8Array>();
  const { fabric, problems } = checkDeclaration(declare(options, secrets), 'serve()');
  if (fabric === undefined) throw new ConfigError(problems);
  const plans = planArrays(fabric, '').map((plan) => ({ ...plan, stateDirectory: options.state }));
  const running = await startArrays(plans, {
    events: options.events ?? ignoreEvents,
    readSecret: (source) => secrets.get(source.kind === 'env' ? source.name : source.path)!,
  });
  const { portals, targets } = running.ready.arrays[NAME]!;
  const urlOf = (at: string, lun: number): string => `iscsi://${at}/${targets[0]!.name}/${lun}`;
  const portal = portals[0]!;
  const target = targets[0]!.name;
  return {
    portal,
    portals,
    target,
    url: (lun = 0) => urlOf(portal, lun),
    urls: (lun = 0) => portals.map((at) => urlOf(at, lun)),
    setAccess: (index, access, change = {}) => void running.setAccess(NAME, index + 1, { ...change, access }),
    sessions: () => running.sessions(),
    units: () => running.units(),
    stop: () => running.stop(),
    [Symbol.asyncDispose]: () => running.stop(),
  };
}

function declare(options: ServeOptions, secrets: Map<string, Uint8Array>): unknown {
  const { chap } = options;
  const secretOf = (secret: string | Uint8Array): { readonly env: string } => {
    const name = `SECRET_${secrets.size}`;
    secrets.set(name, typeof secret === 'string' ? utf8Bytes(secret) : secret);
    return { env: name };
  };
  const account =
    chap === undefined
      ? {}
      : {
          chap: {
            user: chap.user,
            secret: secretOf(chap.secret),
            ...(chap.mutual === undefined ? {} : { mutual: { user: chap.mutual.user, secret: secretOf(chap.mutual.secret) } }),
          },
        };
  const initiators = options.initiators ?? (chap === undefined ? undefined : ['any']);
  const access = initiators === undefined ? {} : { access: initiators.map((initiator) => ({ initiator, ...account })) };
  const portals = options.portals ?? [{ listen: options.portal ?? LOOPBACK }];
  return {
    version: 1,
    name: NAME,
    arrays: {
      [NAME]: {
        portals: portals.map(({ listen = LOOPBACK }, index) => ({ listen, group: index + 1 })),
        groups: portals.map(({ access = 'active-optimized', preferred = false }, index) => ({ group: index + 1, access, preferred })),
        targets: { [options.target ?? DEFAULT_TARGET]: { luns: options.luns.map(declareLun), ...access } },
      },
    },
  };
}

const declareLun = (lun: ServedLun, index: number): unknown => ({
  lun: lun.lun ?? index,
  ...(lun.file === undefined
    ? { store: 'memory', size: lun.memory }
    : { store: 'file', path: lun.file, ...(lun.size === undefined ? {} : { size: lun.size }) }),
  blockSize: lun.blockSize ?? 512,
  provisioning: lun.thin === true ? 'thin' : 'thick',
  readOnly: lun.readOnly === true,
  removable: lun.removable === true,
  ...(lun.serial === undefined ? {} : { serial: lun.serial }),
});
