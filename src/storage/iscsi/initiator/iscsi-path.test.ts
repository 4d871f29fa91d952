import { describe, expect, it } from 'vitest';
import { SECOND } from '../../../base/clock.ts';
import { read, testUnitReady, write } from '../../../wire/scsi/cdb.ts';
import type { PathEnd } from '../../multipath/path-link.ts';
import { slowStore } from '../testing/blocks.ts';
import { IscsiNexus, type IscsiPath } from './iscsi-path.ts';
import { defaultInitiatorLimits } from './limits.ts';
import { SessionBench, type SessionBenchOptions } from './testing/bench.ts';
import { DISK, HOST } from '../testing/scripted-initiator.ts';

interface Told {
  readonly path: IscsiPath;
  readonly said: string[];
}

const listen = (path: IscsiPath): Told => {
  const said: string[] = [];
  path.start({
    handleUp: () => void said.push('up'),
    handleDown: (reason) => void said.push(`down: ${reason}`),
    handleAttention: (sense) => void said.push(`attention ${sense.code.toString(16)}`),
  });
  return { path, said };
};

/** A nexus on the bench; its own session is not used. */
function makeNexus(options: SessionBenchOptions = {}) {
  const bench = new SessionBench({ store: slowStore, ...options });
  const plan = {
    initiatorName: HOST,
    initiatorAlias: undefined,
    targetName: DISK,
    portals: [{ host: '192.0.2.1', port: 3260 }],
    chap: undefined,
    chapRequired: false,
    isid: undefined,
  };
  const limits = { ...defaultInitiatorLimits, pingAfterNanos: 0, backOffNanos: SECOND, backOffMaxNanos: 8 * SECOND, ...options.initiator };
  const nexus = new IscsiNexus(plan, limits, bench.services);
  return { bench, nexus };
}

function send(path: IscsiPath, cdb: Uint8Array, more: { readonly dataOut?: readonly Uint8Array[]; readonly dataInBytes?: number } = {}) {
  const ends: PathEnd[] = [];
  const task = path.submit({ cdb, ...more, attentionRetries: 8, replay: true }, (_, end) => void ends.push(end));
  return { task, ends };
}

describe('an iSCSI path', () => {
  it('is up once its session is, and passes on what the unit tells, but to nobody else', () => {
    const { bench, nexus } = makeNexus();
    const first = listen(nexus.path(0));
    const second = listen(nexus.path(1));
    expect(nexus.path(0)).toBe(first.path);
    bench.run(() => first.said.length === 1);
    expect([first.said, second.said]).toEqual([['up'], ['up']]);
    expect(bench.dialed.length).toBe(1);
    // The attention of a new nexus; it is not tried again here, whatever the command says: that is for multipath to do.
    const { task, ends } = send(first.path, testUnitReady());
    bench.run(() => ends.length === 1);
    expect([ends, task.status, first.said, second.said]).toEqual([['answered'], 2, ['up', 'attention 2900'], ['up']]);
    // One that comes later finds the session as it is.
    expect(listen(nexus.path(2)).said).toEqual(['up']);
  });

  it('ends what was under way as lost and what was not sent as such, after it says that it is down', () => {
    const { bench, nexus } = makeNexus({ initiator: { commandsInFlight: 1 } });
    const { path, said } = listen(nexus.path(0));
    bench.run(() => said.length === 1);
    bench.target.calm();
    const order: string[] = [];
    const submit = (name: string, cdb: Uint8Array, dataOut: readonly Uint8Array[]): unknown =>
      path.submit({ cdb, dataOut, replay: true }, (_, end) => void order.push(`${name} ${end} (${said.at(-1)!.slice(0, 4)})`));
    submit('first', write(0, 1), [new Uint8Array(512)]);
    submit('second', write(8, 1), [new Uint8Array(512)]);
    bench.settle();
    bench.pairs[0]!.cut();
    bench.settle();
    expect(order).toEqual(['first lost (down)', 'second unsent (down)']);
    expect(said).toEqual(['up', 'down: the connection to 192.0.2.1:3260 was lost: the cable was cut']);
  });

  it('comes back by itself, as the same initiator port, and later each time it fails', () => {
    const { bench, nexus } = makeNexus();
    const { said } = listen(nexus.path(0));
    bench.run(() => said.length === 1);
    const [before] = bench.target.service.sessions();
    bench.refuses = 'no route to host';
    bench.pairs[0]!.cut();
    bench.run(() => bench.dialed.length === 7);
    expect(said.filter((one) => one.endsWith('no route to host')).length).toBe(5);
    const times = bench.dialed.slice(1).map(({ nanos }) => nanos / SECOND);
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    // Doubled each time, less a random part of up to a half.
    for (const [index, gap] of gaps.entries()) {
      expect(gap).toBeGreaterThan(Math.min(8, 2 ** index) / 2);
      expect(gap).toBeLessThan(Math.min(8, 2 ** index) + 0.001);
    }
    bench.refuses = undefined;
    bench.run(() => said.at(-1) === 'up');
    expect(bench.target.service.sessions().map(({ isid }) => isid)).toEqual([before!.isid]);
  });

  it('does not hurry back to a target that drops it at once', () => {
    const { bench, nexus } = makeNexus();
    nexus.path(0).start({ handleUp: () => bench.pairs.at(-1)!.cut(), handleDown: () => {}, handleAttention: () => {} });
    bench.run(() => bench.dialed.length === 6);
    expect(bench.target.clock.now()).toBeGreaterThan(5 * SECOND);
  });

  it('says what can not be sent, or was called off, apart from what was lost', () => {
    const { bench, nexus } = makeNexus();
    const { path, said } = listen(nexus.path(0));
    bench.run(() => said.length === 1);
    bench.target.calm();
    expect(send(path, new Uint8Array(17)).ends).toEqual(['failed']);
    const { task, ends } = send(path, read(0, 1), { dataInBytes: 512 });
    bench.settle();
    path.abort(task);
    bench.run(() => ends.length === 1);
    expect(ends).toEqual(['failed']);
  });

  it('is closed with the last of its nexus, which logs out', () => {
    const { bench, nexus } = makeNexus();
    const paths = [listen(nexus.path(0)), listen(nexus.path(1))];
    bench.run(() => paths[1]!.said.length === 1);
    let closed = 0;
    paths[0]!.path.close(() => (closed += 1));
    expect([closed, bench.target.service.sessions().length]).toEqual([1, 1]);
    paths[1]!.path.close(() => (closed += 1));
    bench.run(() => closed === 2);
    expect(bench.target.service.sessions().length).toBe(0);
    bench.target.elapse(60 * SECOND);
    expect(bench.dialed.length).toBe(1);
    expect(send(paths[0]!.path, testUnitReady()).ends).toEqual(['unsent']);
  });

  it('may be closed before it was ever up', () => {
    const { bench, nexus } = makeNexus();
    bench.refuses = 'no route to host';
    const { path, said } = listen(nexus.path(0));
    bench.run(() => said.length === 1);
    let closed = 0;
    path.close(() => (closed += 1));
    bench.target.elapse(60 * SECOND);
    expect([closed, bench.dialed.length]).toEqual([1, 1]);
  });
});
