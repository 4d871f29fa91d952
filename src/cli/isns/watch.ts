/** `samewire isns watch`: what comes and goes at an iSNS server, as it says so. */
import { describeChange, watchIsns } from '../../os/isns/index.ts';
import type { CommandContext } from '../context.ts';
import { plainLine } from '../plain-text.ts';
import { type IsnsCommandOptions, nameOf, timeoutOf, told } from './options.ts';

export interface WatchCommandOptions extends IsnsCommandOptions {
  readonly address?: string;
  readonly udp?: boolean;
}

export function watch(server: string, options: WatchCommandOptions, context: CommandContext): Promise<number> {
  const say = (line: string, data: unknown): void => context.out(options.json === true ? `${JSON.stringify(data)}\n` : `${line}\n`);
  return told(async () => {
    let stop: (() => void) | undefined;
    const stopped = new Promise<void>((resolve) => {
      stop = context.onSignal(() => resolve());
    });
    try {
      await using watching = await watchIsns(server, {
        name: nameOf(options),
        transport: options.udp === true ? 'udp' : 'tcp',
        ...(options.address === undefined ? {} : { address: options.address }),
        ...timeoutOf(options),
        onChanges: (changes) => {
          for (const change of changes) say(plainLine(describeChange(change)), { event: 'change', ...change });
        },
      });
      say(`Watching as ${nameOf(options)}, told at ${watching.listening}.`, { event: 'watching', listening: watching.listening });
      await stopped;
    } finally {
      stop?.();
    }
    return 0;
  });
}
