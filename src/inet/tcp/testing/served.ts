/** A TCP of ours with a script at the other end: it listens, or it connects. */
import type { ConnectionSettings } from '../settings.ts';
import { Script, type ScriptOptions } from './script.ts';
import { ADDRESS_B, Collector } from './tcp-pair.ts';

export interface Served {
  readonly script: Script;
  readonly ends: Collector[];
  readonly told: string[];
}

/** Our end listens. */
export function server(options: ScriptOptions = {}, own: Partial<ConnectionSettings> = {}, backlog?: number): Served {
  const script = new Script(options);
  const ends: Collector[] = [];
  const told: string[] = [];
  script.stack.listen({
    port: 80,
    backlog,
    settings: own,
    onConnection(stream) {
      const end = new Collector();
      end.stream = stream;
      ends.push(end);
      return end;
    },
    ended: () => told.push('ended'),
    urgent: (_, ahead) => told.push(`urgent ${ahead}`),
  });
  return { script, ends, told };
}

/** A connection to our end, established. */
export function established(options: ScriptOptions = {}, own: Partial<ConnectionSettings> = {}, window = 65_535): Served {
  const served = server(options, own);
  served.script.run(`
    < S 0:0(0) win ${window} <mss 1000>
    > S. 0:0(0) ack 1
    < . 1:1(0) ack 1 win ${window}
  `);
  return served;
}

/** Our end connects. */
export function client(options: ScriptOptions = {}): { readonly script: Script; readonly end: Collector } {
  const script = new Script(options);
  const end = new Collector();
  end.stream = script.stack.connect(ADDRESS_B, 5000, { receiver: end });
  return { script, end };
}
