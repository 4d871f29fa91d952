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

it('there is a script for everything that a test can see', () => {
  const named = new Set(SCRIPTS.flatMap(({ names }) => [...names.matchAll(/MUST-\d+/g)].map(([name]) => name)));
  expect(named.size).toBeGreaterThan(35);
});
