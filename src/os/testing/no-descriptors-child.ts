/** A process that uses up its file descriptors and then connects to a target: it prints what ended the former, and the events of the latter. */
import { openSync } from 'node:fs';
import type { FabricEvent } from '../../base/event.ts';
import { openIscsiSession } from '../iscsi/index.ts';

/** Arguments: the URL. To be run with a low limit (`ulimit -n`): it takes all there are. */
export async function main(args: readonly string[]): Promise<void> {
  const ended = useUpDescriptors();
  const events: FabricEvent[] = [];
  await openIscsiSession(args[0]!, { events: (event) => void events.push(event), environment: {} }).catch(() => {});
  process.stdout.write(`${JSON.stringify({ ended, events })}\n`);
}

function useUpDescriptors(): string | undefined {
  for (;;) {
    try {
      openSync('/dev/null', 'r');
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    }
  }
}
