/** A fabric of the examples, up with its page, on ports that nobody else has. */
import { readFileSync } from 'node:fs';
import { makeScratch, type Scratch } from '../interop/scratch.ts';
import { startTarget, type TargetProcess } from '../interop/target-process.ts';

export interface WatchedFabric {
  readonly process: TargetProcess;
  /** Of the page, with the token to act. */
  readonly url: string;
  readonly file: string;
  readonly scratch: Scratch;
  stop(): Promise<void>;
}

/** `text` or the file of that name, its sockets of this machine on free ports. */
export async function watch(text: string): Promise<WatchedFabric> {
  const scratch = makeScratch();
  const declaration = text.includes('\n') ? text : readFileSync(text, 'utf8').replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:0');
  const file = scratch.write('fabric.yaml', declaration);
  try {
    const process = await startTarget(['up', file, '--page', '127.0.0.1:0']);
    const { url } = process.ready;
    if (url === undefined) throw new Error('the ready line has no address of the page');
    return {
      process,
      url,
      file,
      scratch,
      async stop() {
        await process.stop();
        scratch.remove();
      },
    };
  } catch (error) {
    scratch.remove();
    throw error;
  }
}
