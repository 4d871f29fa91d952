/** What a block device needs below it: one session, or several with multipath between. */
import type { CommandRequest, InitiatorTask } from '../../storage/iscsi/initiator/index.ts';

export interface CommandRunner {
  /** Rejects with an IscsiError unless the command ends with GOOD or CONDITION MET, and with the signal's reason if it was aborted. */
  execute(request: CommandRequest, signal?: AbortSignal): Promise<InitiatorTask>;
  close(): Promise<void>;
}
