/** What RFC 9293 demands (test/interop/tcp/musts-*.ts), tried on our TCP in virtual time and, by the same scripts, on Linux's. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithNamespaces } from './namespaces.ts';
import { Conversation } from './tcp/conversation.ts';
import { linux } from './tcp/linux.ts';
import { CONNECTION_SCRIPTS } from './tcp/musts-connection.ts';
import { CONTROL_SCRIPTS } from './tcp/musts-control.ts';
import { DATA_SCRIPTS } from './tcp/musts-data.ts';
import { ours } from './tcp/ours.ts';
import type { Subject } from './tcp/subject.ts';

const SCRIPTS = [...CONNECTION_SCRIPTS, ...DATA_SCRIPTS, ...CONTROL_SCRIPTS];
/** Each script has ports of its own, and may use a few more. */
const PORTS = 10;
let begun = 0;

function ports(): readonly [theirs: number, ours: number] {
  begun += 1;
  return [5000 + begun * PORTS, 15_000 + begun * PORTS];
}

describe('ours', () => {
  for (const { names, title, run } of SCRIPTS)
    it(`${names}: ${title}`, async () => {
      const subject = ours();
      await run(new Conversation(subject, ...ports()));
      subject.close();
    });
});

describeWithNamespaces('Linux', () => {
  let subject: Subject;
  beforeAll(() => void (subject = linux()));
  afterAll(() => subject.close());

  // Most of their time is spent on waiting, for timers of the kernel's. Where this process did not run for so long that one of them expired in
  // between, it is the machine that was tried: once more.
  for (const { names, title, linux: deviation, run } of SCRIPTS)
    it.concurrent(`${names}: ${title}${deviation === undefined ? '' : ` (Linux deviates: ${deviation})`}`, { retry: 3 }, async () => {
      await run(new Conversation(subject, ...ports()));
    });
});

it('there is a script for every MUST but those that no segment shows', () => {
  const named = new Set(SCRIPTS.flatMap(({ names }) => [...names.matchAll(/MUST-(\d+)/g)].map(([, number]) => Number(number))));
  const left = Array.from({ length: 69 }, (_, index) => index + 1).filter((number) => !named.has(number));
  // How sequence numbers are chosen (8, 9); times of minutes and hours (23, 28); what an OPEN may ask for, and reports (43 to 45, 47 to 49); IP options
  // and source routes (50 to 53), which we have none of.
  expect(left).toEqual([8, 9, 23, 28, 43, 44, 45, 47, 48, 49, 50, 51, 52, 53]);
});
