import { describe, expect, it } from 'vitest';
import type { UnitReport } from '../os/running.ts';
import { rateMeter } from './rates.ts';

const unit = (lun: number, commands: number, bytes: number): UnitReport => ({
  array: 'a',
  target: 't',
  lun,
  store: 'memory',
  bytes: 1,
  readCommands: commands,
  writeCommands: 2 * commands,
  otherCommands: 0,
  readBytes: bytes,
  writtenBytes: 0,
  checkConditions: 0,
});

describe('rateMeter', () => {
  it('divides what came since the last reading by the time since then', () => {
    const measure = rateMeter();
    expect(measure(0, [unit(0, 100, 4096)])[0]).toMatchObject({ readsPerSecond: 0, readBytesPerSecond: 0 });
    expect(measure(500, [unit(0, 150, 8192), unit(1, 7, 7)])).toMatchObject([
      { readsPerSecond: 100, writesPerSecond: 200, readBytesPerSecond: 8192 },
      { readsPerSecond: 0 },
    ]);
    expect(measure(500, [unit(0, 160, 8192)])[0]!.readsPerSecond).toBe(0);
  });

  it('shows nothing below zero when counters begin anew', () => {
    const measure = rateMeter();
    measure(0, [unit(0, 100, 100)]);
    expect(measure(1000, [unit(0, 5, 5)])[0]!.readsPerSecond).toBe(0);
  });
});
