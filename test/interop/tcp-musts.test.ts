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

const portsOf = (index: number): readonly [theirs: number, ours: number] => [5000 + index * PORTS, 8000 + index * PORTS];

describe('ours', () => {
  for (const [index, { names, title, run }] of SCRIPTS.entries())
    it(`${names}: ${title}`, async () => {
      const subject = ours();
      await run(new Conversation(subject, ...portsOf(index)));
      subject.close();
    });
});

describeWithNamespaces('Linux', () => {
  let subject: Subject;
  beforeAll(() => void (subject = linux()));
  afterAll(() => subject.close());

  // Most of their time is spent on waiting, for timers of the kernel's.
  for (const [index, { names, title, linux: deviation, run }] of SCRIPTS.entries())
    it.concurrent(`${names}: ${title}${deviation === undefined ? '' : ` (Linux deviates: ${deviation})`}`, async () => {
      await run(new Conversation(subject, ...portsOf(index)));
    });
});

it('there is a script for everything that a test can see', () => {
  const named = new Set(SCRIPTS.flatMap(({ names }) => [...names.matchAll(/MUST-\d+/g)].map(([name]) => name)));
  expect(named.size).toBeGreaterThan(35);
});
