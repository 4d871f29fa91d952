/** Sessions at error recovery level 2 for the tests: connections that break, and others that take their tasks over (RFC 7143 §7.2.2). */
import { SECOND } from '../../../base/clock.ts';
import { TASK_REASSIGN } from '../../../wire/iscsi/control.ts';
import { cdb10 } from '../../scsi/testing/block-cdbs.ts';
import { READ, WRITE } from './blocks.ts';
import type { LoginWords, ScriptedInitiator } from './scripted-initiator.ts';
import { type BenchOptions, TargetBench } from './target-bench.ts';

/** What tells of tasks that ended with their connection (§7.6). */
export const CLEARED = 'CHECK CONDITION under 512 UNIT ATTENTION: some commands cleared by iSCSI protocol event (47h/7fh)';
export const KEYS = {
  ErrorRecoveryLevel: '2',
  MaxConnections: '4',
  InitialR2T: 'No',
  ImmediateData: 'No',
  MaxRecvDataSegmentLength: '1024',
  DefaultTime2Wait: '1',
  DefaultTime2Retain: '9',
};

/** Nobody is asked for acknowledgements here. */
export function start(keys: LoginWords['keys'] = {}, options: BenchOptions = {}): [TargetBench, ScriptedInitiator] {
  const bench = new TargetBench({ ...options, limits: { recoveryTimeoutNanos: 1000 * SECOND, ...options.limits } });
  return [bench, recovering(bench.session({ keys: { ...KEYS, ...keys } }))];
}

function recovering(i: ScriptedInitiator): ScriptedInitiator {
  i.recovers = true;
  return i;
}

/** One more connection of the session. */
export const join = (bench: TargetBench, i: ScriptedInitiator, connectionId: number, words: LoginWords = {}): ScriptedInitiator =>
  recovering(bench.join(i, connectionId, { keys: { MaxRecvDataSegmentLength: '1024' }, ...words }));

/** The connection breaks. */
export function cut(bench: TargetBench, i: ScriptedInitiator): void {
  i.stream.close('cable pulled');
  bench.settle();
}

export const write = (i: ScriptedInitiator, words: { taskTag?: number } = {}): number =>
  i.command({ cdb: cdb10(WRITE, 0, 16), write: 8192, ...words });
export const read = (i: ScriptedInitiator, blocks = 8): number => i.command({ cdb: cdb10(READ, 0, blocks), read: blocks * 512 });

export const reassign = (i: ScriptedInitiator, tag: number, expectedData = 0): void =>
  i.manage(TASK_REASSIGN, { reference: [tag, 0], expectedData });
export const managed = (response: number): string => `managed ${response}`;
