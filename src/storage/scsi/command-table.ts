/** Every command the device server knows, and the way from a CDB to its definition. */
import { be16 } from '../../base/bytes.ts';
import type { CommandDefinition } from './command-definition.ts';
import { diagnosticCommands } from './commands/diagnostics.ts';
import { extendedCopyCommands } from './commands/extended-copy.ts';
import { inquiryCommands } from './commands/inquiry.ts';
import { logSenseCommands } from './commands/log-sense.ts';
import { modeSelectCommands } from './commands/mode-select.ts';
import { modeSenseCommands } from './commands/mode-sense.ts';
import { preventAllowCommands } from './commands/prevent-allow.ts';
import { readCapacityCommands } from './commands/read-capacity.ts';
import { readDefectDataCommands } from './commands/read-defect-data.ts';
import { persistentReserveInCommands } from './commands/persistent-reserve-in.ts';
import { persistentReserveOutCommands } from './commands/persistent-reserve-out.ts';
import { readWriteCommands } from './commands/read-write.ts';
import { receiveCopyResultsCommands } from './commands/receive-copy-results.ts';
import { reserveReleaseCommands } from './commands/reserve-release.ts';
import { reportLunsCommands } from './commands/report-luns.ts';
import { reportSupportedCommands } from './commands/report-supported-opcodes.ts';
import { requestSenseCommands } from './commands/request-sense.ts';
import { startStopUnitCommands } from './commands/start-stop-unit.ts';
import { targetPortGroupCommands } from './commands/target-port-groups.ts';
import { testUnitReadyCommands } from './commands/test-unit-ready.ts';
import { compareAndWriteCommands } from './commands/compare-and-write.ts';
import { getLbaStatusCommands } from './commands/get-lba-status.ts';
import { orwriteCommands } from './commands/orwrite.ts';
import { preFetchCommands } from './commands/pre-fetch.ts';
import { sanitizeCommands } from './commands/sanitize.ts';
import { synchronizeCacheCommands } from './commands/synchronize-cache.ts';
import { unmapCommands } from './commands/unmap.ts';
import { verifyCommands } from './commands/verify.ts';
import { writeAndVerifyCommands } from './commands/write-and-verify.ts';
import { writeAtomicCommands } from './commands/write-atomic.ts';
import { writeSameCommands } from './commands/write-same.ts';

export const commandDefinitions: readonly CommandDefinition[] = [
  ...readWriteCommands,
  ...compareAndWriteCommands,
  ...getLbaStatusCommands,
  ...orwriteCommands,
  ...preFetchCommands,
  ...sanitizeCommands,
  ...synchronizeCacheCommands,
  ...unmapCommands,
  ...verifyCommands,
  ...writeAndVerifyCommands,
  ...writeAtomicCommands,
  ...writeSameCommands,
  ...persistentReserveInCommands,
  ...persistentReserveOutCommands,
  ...reserveReleaseCommands,
  ...extendedCopyCommands,
  ...receiveCopyResultsCommands,
  ...testUnitReadyCommands,
  ...requestSenseCommands,
  ...inquiryCommands,
  ...modeSenseCommands,
  ...modeSelectCommands,
  ...logSenseCommands,
  ...diagnosticCommands,
  ...startStopUnitCommands,
  ...preventAllowCommands,
  ...readCapacityCommands,
  ...readDefectDataCommands,
  ...reportLunsCommands,
  ...targetPortGroupCommands,
  ...reportSupportedCommands(() => commandDefinitions),
];

/** SPC-5 §4.2.3: the variable-length CDB, whose service action stands in bytes 8 and 9. */
const VARIABLE_LENGTH = 0x7f;

interface OperationCode {
  /** The one command of this code, or undefined where service actions tell several apart. */
  readonly single: CommandDefinition | undefined;
  readonly byServiceAction: ReadonlyMap<number, CommandDefinition>;
}

const table: readonly (OperationCode | undefined)[] = Array.from({ length: 256 }, (_, code) => {
  const ofCode = commandDefinitions.filter((definition) => definition.operationCode === code);
  if (ofCode.length === 0) return undefined;
  return {
    single: ofCode.find((definition) => definition.serviceAction === undefined),
    byServiceAction: new Map(
      ofCode.flatMap((definition) => (definition.serviceAction === undefined ? [] : [[definition.serviceAction, definition]])),
    ),
  };
});

export const serviceActionOf = (cdb: Uint8Array): number => (cdb[0] === VARIABLE_LENGTH ? be16(cdb, 8) : cdb[1]! & 0x1f);

/** The definition for a CDB; `unknown-service-action` where only the operation code is known. */
export function findCommand(cdb: Uint8Array): CommandDefinition | 'unknown-operation-code' | 'unknown-service-action' {
  const code = table[cdb[0]!];
  if (code === undefined) return 'unknown-operation-code';
  return code.single ?? code.byServiceAction.get(serviceActionOf(cdb)) ?? 'unknown-service-action';
}
