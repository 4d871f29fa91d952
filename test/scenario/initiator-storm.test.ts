/**
 * Initiator and target under seeded storms, at every error recovery level, over one connection and over several. More of it by hand:
 * `npm run storm -- --level 2 --connections 4 --seed 7 --commands 100000`. SAMEWIRE_STORM_SEED sets the first seed.
 */
import { describe, expect, it } from 'vitest';
import { commandLine, Storm, type StormPlan, type StormReport } from './initiator-storm.ts';
import { DiskModel, stamped } from './initiator-storm-disk.ts';

const SEED = Number(process.env['SAMEWIRE_STORM_SEED'] ?? 1);
const COMMANDS = 2000;

function ride(plan: StormPlan): StormReport {
  const report = new Storm(plan).run();
  expect(report.violations, `again with: ${commandLine(plan)}`).toEqual([]);
  return report;
}

const sum = (reports: readonly StormReport[], of: (report: StormReport) => number): number =>
  reports.reduce((total, report) => total + of(report), 0);

/** What a command may fail with in such weather: it is not known whether it was carried out, or its time was up. */
const REASONS: ReadonlySet<string> = new Set(['connection-lost', 'command-timed-out', 'recovery-failed', 'aborted-command']);

describe.each([
  [0, 1],
  [0, 4],
  [1, 1],
  [1, 4],
  [2, 1],
  [2, 4],
] as const)('a storm at error recovery level %i over %i connections', (level, connections) => {
  it('leaves every command done once, with the data of the model or a named reason', () => {
    const reports = [0, 1].map((more) => ride({ level, connections, seed: SEED + more, commands: COMMANDS }));
    for (const { succeeded, failed } of reports) {
      expect(Object.keys(failed).filter((reason) => !REASONS.has(reason))).toEqual([]);
      expect(succeeded + Object.values(failed).reduce((total, count) => total + count, 0)).toBe(COMMANDS);
    }
    // It was a storm, and what the level can do was needed.
    expect(sum(reports, ({ faults }) => faults.header + faults.data)).toBeGreaterThan(5);
    if (level === 0) expect(sum(reports, ({ recovery }) => recovery.sessionsReinstated)).toBeGreaterThan(0);
    else {
      expect(sum(reports, ({ recovery }) => recovery.resentStatuses)).toBeGreaterThan(0);
      expect(sum(reports, ({ recovery }) => recovery.resentData)).toBeGreaterThan(0);
      expect(sum(reports, ({ recovery }) => recovery.commandRetries)).toBeGreaterThan(0);
    }
    if (level === 2) expect(sum(reports, ({ recovery }) => recovery.tasksReassigned)).toBeGreaterThan(0);
  });
});

describe('a storm', () => {
  it('is the same every time', () => {
    const plan = { level: 2, connections: 3, seed: SEED + 10, commands: 1000 } as const;
    expect(ride(plan)).toEqual(ride(plan));
  });
});

describe('the model of the disk', () => {
  it('sees a block that nobody wrote, one that is torn, and one that is somewhere else', () => {
    const model = new DiskModel(8);
    expect(model.read(0, stamped(0, 0, 8))).toBeUndefined();
    model.write(2, 4, 5);
    expect(model.read(2, stamped(5, 2, 4))).toBeUndefined();
    expect(model.read(2, stamped(0, 2, 1))).toContain('may hold 5');
    expect(model.read(3, stamped(5, 2, 1))).toContain('not whole');
    const torn = stamped(5, 2, 1);
    torn[511]! ^= 1;
    expect(model.read(2, torn)).toContain('not whole');
  });

  it('allows two outcomes of a write nobody knows of, until somebody reads', () => {
    const model = new DiskModel(2);
    model.write(0, 1, 5);
    model.maybeWrite(0, 1, 6);
    expect(model.known(0, 1)).toBeUndefined();
    expect(model.read(0, stamped(6, 0, 1))).toBeUndefined();
    expect(model.known(0, 1)).toBe(6);
    expect(model.read(0, stamped(5, 0, 1))).toContain('may hold 6');
  });

  it('keeps what is written from everybody else', () => {
    const model = new DiskModel(4);
    model.use(0, 2, false);
    expect([model.isFree(1, 1, false), model.isFree(1, 1, true), model.isFree(2, 2, true)]).toEqual([true, false, true]);
    model.leave(0, 2, false);
    model.use(0, 2, true);
    expect([model.isFree(1, 2, false), model.isFree(1, 1, true)]).toEqual([false, false]);
  });
});
