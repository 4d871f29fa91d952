/**
 * A device server in memory for tests: units over an array, initiators by name, and commands that keep what they were answered.
 * `run(unit, cdb)` is one command from start to finish; nothing here knows a transport.
 */
import { concat, EMPTY_BYTES } from '../../../base/bytes.ts';
import { ignoreEvents } from '../../../base/event.ts';
import { describeSense } from '../../../wire/scsi/sense.ts';
import { describeStatus, type TaskAttribute } from '../../../wire/scsi/status.ts';
import { Command } from '../command.ts';
import { executeCommand } from '../device-server.ts';
import { LogicalUnit, type UnitConfig } from '../logical-unit.ts';
import type { Nexus, TargetPort } from '../nexus.ts';
import { TargetDevice } from '../target-device.ts';
import type { UnitNexus } from '../unit-nexus.ts';
import { ArrayStore, type ArrayStoreOptions } from './array-store.ts';

export interface RunOptions {
  /** Default: initiator `a` at the first port, its power-on attention already taken. */
  readonly link?: UnitNexus;
  /** Data-out the initiator announces and sends. */
  readonly dataOut?: Uint8Array | readonly number[];
  /** Room for data-in; default: as much as there is. */
  readonly dataInLimitBytes?: number;
  readonly attribute?: TaskAttribute;
}

export class TestCommand extends Command {
  readonly #out: Uint8Array;
  /** Data-in as delivered, cut to what the initiator has room for; its own copy. */
  bytes: Uint8Array = EMPTY_BYTES;
  delivered = false;
  dataOutStopped = false;

  constructor(link: UnitNexus, cdb: readonly number[] | Uint8Array, options: RunOptions = {}) {
    const padded = new Uint8Array(Math.max(16, cdb.length));
    padded.set(cdb);
    const out = Uint8Array.from(options.dataOut ?? []);
    super(link, padded, options.attribute ?? 'simple', out.length, options.dataInLimitBytes ?? Number.MAX_SAFE_INTEGER);
    this.#out = out;
  }

  /** What a person would read: `GOOD`, `CHECK CONDITION ILLEGAL REQUEST: invalid field in CDB (24h/00h), CDB byte 1`, or `pending`. */
  get outcome(): string {
    if (!this.delivered) return this.aborted ? 'aborted' : 'pending';
    return describeStatus(this.status) + (this.sense === undefined ? '' : ` ${describeSense(this.sense)}`);
  }

  protected override startDataOut(lengthBytes: number): void {
    this.handleDataOut({ views: [this.#out.slice(0, lengthBytes)], lengthBytes, owned: true });
  }

  protected override stopDataOut(): void {
    this.dataOutStopped = true;
  }

  protected override cleanUp(): void {}

  protected override deliver(): void {
    this.delivered = true;
    this.bytes = concat(this.dataIn).slice(0, this.dataInLimitBytes);
  }
}

/** Two target ports in two groups: enough for reservations, multipath and asymmetric access. */
export const testPorts: readonly TargetPort[] = [1, 2].map((id) => ({
  relativeId: id,
  name: `iqn.2026-01.net.example:disk,t,0x${id.toString(16).padStart(4, '0')}`,
  groupId: id,
}));

export interface UnitOptions extends ArrayStoreOptions {
  readonly blockBytes?: 512 | 4096;
  readonly blocks?: number;
  readonly readOnly?: boolean;
  readonly removable?: boolean;
  /** LOGICAL BLOCKS PER PHYSICAL BLOCK EXPONENT. */
  readonly exponent?: number;
  readonly ports?: readonly TargetPort[];
  /** Put the unit into this device, at `lun`, instead of one of its own. */
  readonly device?: TargetDevice;
  readonly lun?: number;
}

export interface TestUnit {
  readonly unit: LogicalUnit;
  readonly store: ArrayStore;
  readonly device: TargetDevice;
}

/** A logical unit over an array, and what stands around it. */
export function makeTestUnit(options: UnitOptions = {}): TestUnit {
  const blockBytes = options.blockBytes ?? 512;
  const store = new ArrayStore((options.blocks ?? 2048) * blockBytes, options);
  const device = options.device ?? new TargetDevice('iqn.2026-01.net.example:disk', options.ports ?? testPorts);
  const lun = options.lun ?? device.units.size;
  const config: UnitConfig = {
    identity: {
      vendor: 'EXAMPLE',
      product: 'TEST DISK',
      revision: '0001',
      serial: `TEST${String(lun).padStart(8, '0')}`,
      naa: Uint8Array.from({ length: 16 }, (_, index) => (index === 0 ? 0x60 : index === 15 ? lun + 1 : index)),
    },
    blockBytes,
    physicalBlockExponent: options.exponent ?? 0,
    thin: options.thin ?? false,
    readOnly: options.readOnly ?? false,
    removable: options.removable ?? false,
  };
  const unit = new LogicalUnit(config, store, device, `test/lun ${lun}`, ignoreEvents);
  device.add(lun, unit);
  return { unit, store, device };
}

export const makeUnit = (options: UnitOptions = {}): LogicalUnit => makeTestUnit(options).unit;

export const testNexus = (initiator: string, port: TargetPort = testPorts[0]!): Nexus => ({
  initiatorPort: `iqn.2026-01.net.example:${initiator},i,0x000000000001`,
  initiatorName: `iqn.2026-01.net.example:${initiator}`,
  transportId: Uint8Array.from([0x05, 0, 0, 4, 0x69, 0x71, 0x6e, 0]),
  targetPort: port,
});

/** The I_T_L nexus of an initiator; seen for the first time, its power-on attention is taken so that commands run. */
export function linkOf(unit: LogicalUnit, initiator = 'a', port: TargetPort = unit.device.ports[0]!): UnitNexus {
  const known = unit.links.size;
  const link = unit.link(testNexus(initiator, port));
  if (unit.links.size !== known) while (link.hasAttention) link.takeAttention();
  return link;
}

/** Sends a command to the unit and gives it back, finished unless the store is deferred. */
export function run(unit: LogicalUnit, cdb: readonly number[] | Uint8Array, options: RunOptions = {}): TestCommand {
  const command = new TestCommand(options.link ?? linkOf(unit), cdb, options);
  executeCommand(unit, command);
  return command;
}
