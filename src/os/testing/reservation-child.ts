/** A process that registers again and again with APTPL, and tells each time it was answered GOOD; to be killed while it does. */
import { LogicalUnit } from '../../storage/scsi/logical-unit.ts';
import { ACTIONS, nexusOf, reserveOut } from '../../storage/scsi/testing/persistent-reserve.ts';
import { makeTestUnit, type TestCommand } from '../../storage/scsi/testing/test-command.ts';
import { reservationFile } from '../reservation-file.ts';

const APTPL = 0x01;

export async function main(args: readonly string[]): Promise<void> {
  const { unit: like, store, device } = makeTestUnit();
  const unit = new LogicalUnit(like.config, store, device, 'child/lun 0', () => {}, { reservationKeeper: reservationFile(args[0]!) });
  const link = nexusOf(unit, 'a');
  for (let key = 1; ; key += 1) {
    await answered(reserveOut(unit, link, ACTIONS.registerAndIgnore, { newKey: key, flags: APTPL }));
    if (key === 1) await answered(reserveOut(unit, link, ACTIONS.reserve, { key, type: 3 }));
    // Straight to the descriptor: what was told before the kill is in the pipe.
    process.stdout.write(`GOOD ${key}\n`);
  }
}

async function answered(command: TestCommand): Promise<void> {
  while (command.outcome === 'pending') await new Promise((resolve) => setImmediate(resolve));
  if (command.outcome !== 'GOOD') throw new Error(command.outcome);
}
