/** A logical unit over any store, for tests that care how the store behaves. */
import { ignoreEvents } from '../../../base/event.ts';
import type { BackingStore } from '../../block/backing-store.ts';
import { LogicalUnit, type UnitOptions } from '../logical-unit.ts';
import { TargetDevice } from '../target-device.ts';
import { testPorts } from './test-command.ts';

export interface UnitOverOptions extends UnitOptions {
  readonly blockBytes?: 512 | 4096;
  readonly exponent?: number;
}

/** Thin if the store is. */
export function unitOver(store: BackingStore, options: UnitOverOptions = {}): LogicalUnit {
  const device = new TargetDevice('iqn.2026-01.net.example:disk', testPorts);
  const config = {
    identity: { vendor: 'EXAMPLE', product: 'TEST DISK', revision: '0001', serial: 'TEST0000', naa: new Uint8Array(16).fill(0x60) },
    blockBytes: options.blockBytes ?? 512,
    physicalBlockExponent: options.exponent ?? 0,
    thin: store.unmapGranularityBytes !== 0,
    readOnly: false,
    removable: false,
  } as const;
  const unit = new LogicalUnit(config, store, device, 'test/lun 0', ignoreEvents, options);
  device.add(0, unit);
  return unit;
}
