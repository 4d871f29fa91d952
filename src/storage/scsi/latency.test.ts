/** How long commands take, by a clock that only the test turns. */
import { describe, expect, it } from 'vitest';
import { ignoreEvents } from '../../base/event.ts';
import { LogicalUnit } from './logical-unit.ts';
import { linkOf, makeTestUnit, run, TestCommand } from './testing/test-command.ts';
import { executeCommand } from './device-server.ts';

function timedUnit(): { readonly unit: LogicalUnit; readonly time: { now: number } } {
  const { unit: plain, store, device } = makeTestUnit();
  const time = { now: 5_000 };
  return { unit: new LogicalUnit(plain.config, store, device, 'test/lun 0', ignoreEvents, { now: () => time.now }), time };
}

const WRITE_ONE_BLOCK = [0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0];

/** Its data-out comes when the test says so. */
class SlowCommand extends TestCommand {
  protected override startDataOut(): void {}
}

describe('the latency of a unit', () => {
  it('counts each command that ends, refused ones too', () => {
    const { unit } = timedUnit();
    run(unit, [0x00]);
    run(unit, [0xee]);
    expect(unit.counters).toMatchObject({ commands: 2, checkConditions: 1 });
    expect([unit.latencies.count, unit.latencies.max]).toEqual([2, 0]);
  });

  it('goes from the arrival to the end, and has the wait for data-out in it', () => {
    const { unit, time } = timedUnit();
    const command = new SlowCommand(linkOf(unit), WRITE_ONE_BLOCK, { dataOut: new Uint8Array(512) });
    executeCommand(unit, command);
    time.now += 70_000;
    expect(unit.latencies.count).toBe(0);
    command.handleDataOut({ views: [new Uint8Array(512)], lengthBytes: 512, owned: true });
    expect([unit.latencies.count, unit.latencies.min, unit.latencies.max]).toEqual([1, 70_000, 70_000]);
  });

  it('has the wait for its turn in it', () => {
    const { unit, time } = timedUnit();
    const link = linkOf(unit);
    const first = new SlowCommand(link, WRITE_ONE_BLOCK, { dataOut: new Uint8Array(512), attribute: 'ordered' });
    executeCommand(unit, first);
    time.now += 1_000;
    run(unit, [0x00], { link });
    time.now += 2_000;
    first.handleDataOut({ views: [new Uint8Array(512)], lengthBytes: 512, owned: true });
    expect([unit.latencies.count, unit.latencies.min, unit.latencies.max]).toEqual([2, 2_000, 3_000]);
  });

  it('counts an aborted command when it ends', () => {
    const { unit, time } = timedUnit();
    executeCommand(unit, new SlowCommand(linkOf(unit), WRITE_ONE_BLOCK, { dataOut: new Uint8Array(512) }));
    time.now += 9_000;
    unit.tasks.abort(unit.tasks.commands(), () => {});
    expect([unit.latencies.count, unit.latencies.max]).toEqual([1, 9_000]);
  });

  it('is not measured without a clock', () => {
    const { unit } = makeTestUnit();
    run(unit, [0x00]);
    expect([unit.counters.commands, unit.latencies.count]).toEqual([1, 0]);
  });
});
