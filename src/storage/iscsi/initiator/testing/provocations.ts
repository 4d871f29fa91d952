/** How tests provoke an initiator: scripted targets that misbehave in one way, and what must be told of it. */
import { expect } from 'vitest';
import { utf8Bytes } from '../../../../base/bytes.ts';
import type { FabricEvent, Severity } from '../../../../base/event.ts';
import { initiatorTaskTag } from '../../../../wire/iscsi/basic-header.ts';
import type { LoginResponse } from '../../../../wire/iscsi/login.ts';
import * as cdbs from '../../../../wire/scsi/cdb.ts';
import { ALL_CHAP_ALGORITHMS, type ChapCredentials } from '../../chap.ts';
import { DISK } from '../../testing/scripted-initiator.ts';
import type { SeenPdu } from '../../testing/pdu-bytes.ts';
import type { CommandRequest } from '../task.ts';
import { SessionBench, type SessionBenchOptions } from './bench.ts';
import { type Answering, ScriptedTarget, type TargetScript } from './scripted-target.ts';

export const READ: CommandRequest = { lun: 0, cdb: cdbs.read(0x1234, 2), dataInBytes: 1024 };
export const WRITE: CommandRequest = { lun: 0, cdb: cdbs.write(8, 1), dataOut: [new Uint8Array(512)] };
export const silent: Answering = () => {};

/** A session with such targets, and all of them. */
export function bench(script: TargetScript = {}, options: SessionBenchOptions = {}): SessionBench & { readonly targets: ScriptedTarget[] } {
  const targets: ScriptedTarget[] = [];
  const scripted = (): ScriptedTarget => {
    const target = new ScriptedTarget(script);
    targets.push(target);
    return target;
  };
  return Object.assign(new SessionBench({ scripted, ...options }), { targets });
}

export type Provocation = () => SessionBench;

/** A login that comes to nothing. */
export const login =
  (script: TargetScript, options?: SessionBenchOptions): Provocation =>
  () => {
    const made = bench(script, options);
    expect(made.open()).toBeDefined();
    return made;
  };

/** A command once logged in, until the event is there. */
export const command =
  (script: TargetScript, request: CommandRequest = READ, options: SessionBenchOptions = {}): Provocation =>
  () => {
    const made = bench(script, options);
    expect(made.open()).toBeUndefined();
    const before = made.events.length;
    made.submit(request);
    made.run(() => made.events.some(({ severity }, index) => index >= before && severity !== 'info' && severity !== 'debug'));
    made.session.destroy();
    return made;
  };

export const on = (opcode: number, answering: Answering): TargetScript => ({ on: { [opcode]: answering } });
export const tagOf = ({ header }: SeenPdu): number => initiatorTaskTag(header, 0);

export const chap = (mutual: boolean): SessionBenchOptions => {
  const credentials: ChapCredentials = {
    user: 'alice',
    secret: utf8Bytes('a secret of the initiator'),
    algorithms: ALL_CHAP_ALGORITHMS,
    ...(mutual ? { mutual: { user: 'disk', secret: utf8Bytes('a secret of the target') } } : {}),
  };
  return { plan: { chap: credentials, chapRequired: true } };
};
const CHALLENGE = ['CHAP_A=5', 'CHAP_I=9', 'CHAP_C=0x00112233'];
/** The exchange up to the target's proof, with other keys in the challenge. */
export const challenging = (...changes: readonly string[]): TargetScript => {
  const keys = new Map([...CHALLENGE, ...changes].map((pair) => [pair.slice(0, 6), pair]));
  return { security: [['AuthMethod=CHAP'], [...keys.values()].filter((pair) => !pair.endsWith('=-')), ['CHAP_N=disk']] };
};
export const proving = (...keys: readonly string[]): TargetScript => ({ security: [['AuthMethod=CHAP'], CHALLENGE, keys] });

export const elsewhere = (): Partial<LoginResponse> => ({ statusClass: 1, statusDetail: 1 });

export interface Expected {
  readonly provoke: Provocation;
  readonly severity?: Severity;
  readonly words: RegExp;
  readonly dump?: string | RegExp | ((made: SessionBench) => string);
}

export function check(id: number, number: number | undefined, { provoke, severity = 'error', words, dump }: Expected): void {
  const made = provoke();
  const found: FabricEvent[] = made.events.filter((event) => event.id === id);
  expect(found.length, made.events.map((event) => `${event.id} ${event.message}`).join('\n')).toBe(1);
  const event = found[0]!;
  expect([event.severity, event.source, event.data['number']]).toEqual([severity, DISK, number]);
  expect(event.message).toMatch(words);
  const awaited = typeof dump === 'function' ? dump(made) : dump;
  if (awaited instanceof RegExp) expect(event.data['dump']).toMatch(awaited);
  else expect(event.data['dump']).toBe(awaited);
}
