/** Adapters against our own target, in virtual time: discovery, sessions that come back, rescan, and what is found. */
import { describe, expect, it } from 'vitest';
import { SECOND } from '../../../base/clock.ts';
import { MemoryStore } from '../../block/memory.ts';
import { LogicalUnit } from '../../scsi/logical-unit.ts';
import type { ChapCredentials } from '../chap.ts';
import { utf8Bytes } from '../../../base/bytes.ts';
import { DISK } from '../testing/scripted-initiator.ts';
import type { IscsiAdapter } from './adapter.ts';
import { AdapterBench, accessWords, AN_HOUR, configWords } from './testing/adapter-bench.ts';

const ONE = '192.0.2.1:3260';
const TWO = '192.0.2.2:3260';
const OTHER = 'iqn.2026-01.net.example:other';

const shown = (adapter: IscsiAdapter): string[] =>
  adapter.targets.map((target) => {
    const session = adapter.session(target);
    const luns = session?.units.map((unit) => unit.lun).join(',');
    const reason = session?.error === undefined ? '' : ` (${session.error.reason})`;
    const { host } = target.address;
    return `${target.name.split(':')[1]} ${host} ${target.isStatic ? 'static' : 'dynamic'} ${session?.state}${reason} ${luns}`;
  });

const secret = (text: string): Uint8Array => utf8Bytes(text);

const credentials = (text: string): ChapCredentials => ({ user: 'esx1', secret: secret(text), algorithms: ['MD5'] });

/** One more disk at the target of the bench. */
function addUnit(bench: AdapterBench, lun: number): void {
  const { device, events } = bench.target;
  const config = {
    ...bench.target.units[0]!.config,
    identity: { ...bench.target.units[0]!.config.identity, serial: `NEW${lun}`, naa: new Uint8Array(16).fill(0x60 + lun) },
  };
  device.add(
    lun,
    new LogicalUnit(config, new MemoryStore({ sizeBytes: 1024 * 1024, thin: true }), device, `new/${lun}`, (event) => events.push(event)),
  );
}

describe('an adapter', () => {
  it('asks its servers, logs in to every portal they name, and finds the units', () => {
    const bench = new AdapterBench([ONE, TWO]);
    const adapter = bench.adapter({ servers: [ONE] });
    bench.wait((done) => adapter.rescan(done));
    expect(shown(adapter)).toEqual(['disk 192.0.2.1 dynamic logged-in 0,1', 'disk 192.0.2.2 dynamic logged-in 0,1']);
    expect(adapter.servers).toMatchObject([{ state: 'answered', targets: 2 }]);
    const [unit] = adapter.sessions[0]!.units;
    expect(unit).toMatchObject({
      lun: 0,
      name: `naa.${'60'.repeat(16)}`,
      vendor: 'EXAMPLE',
      product: 'BENCH',
      serial: 'BENCH0',
      deviceType: 0,
      tellsAccess: true,
      capacity: { blocks: 65_536, blockBytes: 512, thin: true },
    });
    expect(bench.news('adapter')).toEqual(['adapter-target-found', 'adapter-target-found', 'adapter-rescanned']);
    bench.wait((done) => adapter.stop(done));
    expect(bench.target.service.sessions()).toEqual([]);
    expect(bench.target.leftovers()).toMatchObject({ sessions: 0, tasks: 0 });
  });

  it('logs in to what it is given without asking anybody', () => {
    const bench = new AdapterBench([ONE, TWO]);
    const adapter = bench.adapter({ targets: [[TWO, DISK]] });
    bench.wait((done) => adapter.rescan(done));
    expect(shown(adapter)).toEqual(['disk 192.0.2.2 static logged-in 0,1']);
    expect(bench.pairs).toHaveLength(1);
  });

  it('goes on trying what it can not reach, and says why', () => {
    const bench = new AdapterBench([ONE]);
    bench.cut(ONE);
    const adapter = bench.adapter({ servers: [ONE], targets: [[TWO, OTHER]] });
    bench.wait((done) => adapter.rescan(done));
    expect(shown(adapter)).toEqual(['other 192.0.2.2 static waiting (connect-failed) ']);
    expect(adapter.servers).toMatchObject([{ state: 'failed', reason: expect.stringContaining('connection refused') }]);
    bench.elapse(AN_HOUR);
    bench.listening.set(ONE, 0).set(TWO, 0);
    bench.target.addNode(OTHER, {});
    bench.run(() => adapter.sessions.length === 3 && adapter.sessions.every((session) => session.units.length === 2));
    expect(adapter.servers).toMatchObject([{ state: 'answered', reason: undefined }]);
    // The server names both; the one that was given is at a portal of which it does not know.
    expect(shown(adapter).map((line) => line.split(' ').slice(0, 4).join(' '))).toEqual([
      'other 192.0.2.2 static logged-in',
      'other 192.0.2.1 dynamic logged-in',
      'disk 192.0.2.1 dynamic logged-in',
    ]);
  });

  it('brings a lost session back, however long that takes, and a rescan hurries it', () => {
    const bench = new AdapterBench([ONE]);
    const adapter = bench.adapter({ targets: [[ONE, DISK]] });
    bench.wait((done) => adapter.rescan(done));
    bench.cut(ONE);
    expect(shown(adapter)).toEqual(['disk 192.0.2.1 static waiting (connection-lost) 0,1']);
    bench.elapse(AN_HOUR);
    expect(shown(adapter)).toEqual(['disk 192.0.2.1 static waiting (connect-failed) 0,1']);
    bench.listening.set(ONE, 0);
    const before = bench.target.clock.now();
    bench.wait((done) => adapter.rescan(done));
    expect(bench.target.clock.now() - before).toBeLessThan(SECOND);
    expect(shown(adapter)).toEqual(['disk 192.0.2.1 static logged-in 0,1']);
  });

  it('applies changes when it is told to look again, and not before', () => {
    const bench = new AdapterBench([ONE], { nodes: { [OTHER]: {} } });
    const adapter = bench.adapter({ targets: [[ONE, DISK]] });
    bench.wait((done) => adapter.rescan(done));
    adapter.configure(configWords({ targets: [[ONE, OTHER]] }));
    bench.elapse(AN_HOUR);
    expect(shown(adapter)).toEqual(['disk 192.0.2.1 dynamic logged-in 0,1', 'other 192.0.2.1 static undefined undefined']);
    bench.news();
    bench.wait((done) => adapter.rescan(done));
    expect(shown(adapter)).toEqual(['other 192.0.2.1 static logged-in 0,1']);
    expect(bench.news('adapter')).toEqual(['adapter-target-gone', 'adapter-rescanned']);
    bench.elapse(SECOND);
    expect(bench.target.service.sessions().map((session) => session.identity.targetName)).toEqual([OTHER]);
  });

  it('keeps what a removed server named as static targets, logged in to as before, until they are removed too', () => {
    const bench = new AdapterBench([ONE]);
    const byServer = accessWords({ key: 'by server' });
    const accessOf = (_: unknown, server: string | undefined) => (server === undefined ? accessWords({ key: 'given' }) : byServer);
    const adapter = bench.adapter({ servers: [ONE], accessOf });
    bench.wait((done) => adapter.rescan(done));
    const [session] = adapter.sessions;
    adapter.configure(configWords({ accessOf }));
    expect(shown(adapter)).toEqual(['disk 192.0.2.1 static logged-in 0,1']);
    bench.wait((done) => adapter.rescan(done));
    expect(adapter.sessions).toEqual([session]);
    expect(adapter.servers).toEqual([]);
    expect(adapter.forget({ name: DISK, address: { host: '192.0.2.1', port: 3260 } })).toBe(true);
    expect(session!.state).toBe('logged-in');
    bench.wait((done) => adapter.rescan(done));
    expect(shown(adapter)).toEqual([]);
    bench.run(() => session!.state === 'logged-out');
  });

  it('finds new targets by asking again, and new units without', () => {
    const bench = new AdapterBench([ONE]);
    const adapter = bench.adapter({ servers: [ONE] });
    bench.wait((done) => adapter.rescan(done));
    bench.target.addNode(OTHER, {});
    addUnit(bench, 5);
    bench.wait((done) => adapter.rescan(done));
    expect(shown(adapter)).toEqual(['disk 192.0.2.1 dynamic logged-in 0,1,5', 'other 192.0.2.1 dynamic logged-in 0,1,5']);
    // REPORTED LUNS DATA HAS CHANGED: told by any command to any unit.
    addUnit(bench, 6);
    const paths = adapter.sessions.map((session) => session.path(0, 'path'));
    const attentions: number[] = [];
    for (const path of paths) {
      path.start({ handleUp: () => {}, handleDown: () => {}, handleAttention: (sense) => void attentions.push(sense.code) });
      path.submit({ cdb: new Uint8Array(6) }, () => {});
    }
    bench.run(() => adapter.sessions.every((session) => session.units.length === 4));
    expect(attentions).toContain(0x3f0e);
    bench.target.device.units.delete(6);
    bench.wait((done) => adapter.rescan(done));
    expect(shown(adapter)).toEqual(['disk 192.0.2.1 dynamic logged-in 0,1,5', 'other 192.0.2.1 dynamic logged-in 0,1,5']);
  });

  it('logs in anew where how it logs in has changed', () => {
    const bench = new AdapterBench([ONE], {
      nodes: { [DISK]: { grant: () => ({ chap: { user: 'esx1', secret: secret('right right right'), algorithms: ['MD5'] } }) } },
    });
    const wrong = { chap: credentials('wrong wrong wrong'), key: 'wrong' };
    const adapter = bench.adapter({ targets: [[ONE, DISK]], access: wrong });
    bench.wait((done) => adapter.rescan(done));
    expect(shown(adapter)).toEqual(['disk 192.0.2.1 static waiting (login-refused) ']);
    adapter.configure(configWords({ targets: [[ONE, DISK]], access: { chap: credentials('right right right'), key: 'right' } }));
    bench.wait((done) => adapter.rescan(done));
    expect(shown(adapter)).toEqual(['disk 192.0.2.1 static logged-in 0,1']);
    expect(JSON.stringify(bench.events)).not.toContain('right right');
  });

  it('rescans once more for those who ask while it does', () => {
    const bench = new AdapterBench([ONE]);
    const adapter = bench.adapter({ servers: [ONE] });
    const order: number[] = [];
    adapter.rescan(() => order.push(1));
    adapter.rescan(() => order.push(2));
    adapter.rescan(() => order.push(3));
    bench.run(() => order.length === 3);
    expect(order).toEqual([1, 2, 3]);
    expect(bench.news('adapter-rescanned')).toHaveLength(2);
  });

  it('stops in the middle of everything', () => {
    for (let steps = 0; steps < 40; steps += 1) {
      const bench = new AdapterBench([ONE, TWO]);
      const adapter = bench.adapter({ servers: [ONE], targets: [['192.0.2.3:3260', OTHER]] });
      adapter.rescan(() => {});
      for (let step = 0; step < steps; step += 1) {
        bench.settle();
        bench.target.clock.step();
      }
      bench.wait((done) => adapter.stop(done));
      expect(adapter.sessions).toEqual([]);
      expect(bench.target.leftovers()).toMatchObject({ sessions: 0, tasks: 0 });
    }
  });
});

describe('an adapter that is reset', () => {
  it('drops everything at once, and has it back', () => {
    const bench = new AdapterBench([ONE, TWO]);
    const adapter = bench.adapter({ servers: [ONE], targets: [[TWO, DISK]] });
    bench.wait((done) => adapter.rescan(done));
    const before = bench.pairs.length;
    const ids = bench.target.service.sessions().map(({ id }) => id);
    bench.news();
    let lost: number | undefined;
    adapter.reset((count) => (lost = count));
    expect(adapter.sessions.map(({ state }) => state)).not.toContain('logged-in');
    bench.run(() => lost !== undefined);
    expect(lost).toBe(0);
    expect(shown(adapter).every((line) => line.endsWith('logged-in 0,1'))).toBe(true);
    expect(bench.pairs.length).toBeGreaterThan(before + 1);
    const after = bench.target.service.sessions().map(({ id }) => id);
    expect([after.length, after.some((id) => ids.includes(id))]).toEqual([ids.length, false]);
    expect(bench.news('adapter')).toEqual(['adapter-reset', 'adapter-rescanned']);
  });

  it('says what has not come back, and goes on trying', () => {
    const bench = new AdapterBench([ONE, TWO]);
    const adapter = bench.adapter({
      targets: [
        [ONE, DISK],
        [TWO, DISK],
      ],
    });
    bench.wait((done) => adapter.rescan(done));
    bench.news();
    bench.listening.delete(TWO);
    let lost: number | undefined;
    adapter.reset((count) => (lost = count));
    bench.run(() => lost !== undefined);
    expect(lost).toBe(1);
    const failed = bench.events.find(({ name }) => name === 'adapter-reset-failed')!;
    expect(failed).toMatchObject({ id: 2409, source: 'esx1/vmhba64', data: { sessions: 2, lost: 1 } });
    expect(failed.message).toContain('connection refused');
    bench.listening.set(TWO, 1);
    bench.run(() => adapter.sessions.every(({ state }) => state === 'logged-in'));
  });

  it('in the middle of a rescan lets that come to an end too', () => {
    const bench = new AdapterBench([ONE, TWO]);
    const adapter = bench.adapter({ servers: [ONE] });
    const done: string[] = [];
    adapter.rescan(() => done.push('rescan'));
    bench.elapse(1);
    adapter.reset((lost) => done.push(`reset ${lost}`));
    bench.run(() => done.length === 2);
    expect(done).toEqual(['rescan', 'reset 0']);
    expect(shown(adapter).every((line) => line.endsWith('logged-in 0,1'))).toBe(true);
    bench.wait((stopped) => adapter.stop(stopped));
    bench.wait((reset) => adapter.reset(() => reset()));
  });
});
