import { describe, expect, it } from 'vitest';
import type { TaskAttribute } from '../../wire/scsi/status.ts';
import { TaskSet } from './task-set.ts';
import { linkOf, makeUnit, TestCommand } from './testing/test-command.ts';
import type { UnitNexus } from './unit-nexus.ts';

const unit = makeUnit();

/** Commands by name that run until they are told to end. */
function rig(limit = 100) {
  const tasks = new TaskSet(limit);
  const commands = new Map<string, TestCommand>();
  const log: string[] = [];
  const add = (name: string, attribute: TaskAttribute = 'simple', link: UnitNexus = linkOf(unit)): TestCommand => {
    const command = new TestCommand(link, [0x00], { attribute });
    commands.set(name, command);
    tasks.add(command, () => log.push(name));
    return command;
  };
  return { tasks, log, add, end: (name: string): void => commands.get(name)!.good() };
}

describe('a task set', () => {
  it('runs simple commands side by side', () => {
    const { add, log, tasks } = rig();
    add('a');
    add('b');
    expect([log, tasks.size]).toEqual([['a', 'b'], 2]);
  });

  it('runs an ordered command after all older ones and before all younger ones (SAM-5 §8.6.3)', () => {
    const { add, log, end } = rig();
    add('old 1');
    add('old 2');
    add('ordered', 'ordered');
    add('young');
    end('old 2');
    expect(log).toEqual(['old 1', 'old 2']);
    end('old 1');
    expect(log).toEqual(['old 1', 'old 2', 'ordered']);
    end('ordered');
    expect(log).toEqual(['old 1', 'old 2', 'ordered', 'young']);
  });

  it('runs one ordered command at a time', () => {
    const { add, log, end } = rig();
    add('first', 'ordered');
    add('second', 'ordered');
    expect(log).toEqual(['first']);
    end('first');
    expect(log).toEqual(['first', 'second']);
  });

  it('runs a head-of-queue command at once (SAM-5 §8.6.4)', () => {
    const { add, log } = rig();
    add('ordered', 'ordered');
    add('waits');
    add('head', 'head-of-queue');
    expect(log).toEqual(['ordered', 'head']);
  });

  it('is full at its limit, waiting commands counted', () => {
    const { add, tasks, end } = rig(2);
    add('ordered', 'ordered');
    expect(tasks.full).toBe(false);
    add('waits');
    expect(tasks.full).toBe(true);
    end('ordered');
    expect(tasks.full).toBe(false);
  });

  it('starts thousands that waited, and end at once, on a flat stack', () => {
    const tasks = new TaskSet(100_000);
    const first = new TestCommand(linkOf(unit), [0x00], { attribute: 'ordered' });
    tasks.add(first, () => {});
    let ended = 0;
    for (let index = 0; index < 20_000; index += 1) {
      const command = new TestCommand(linkOf(unit), [0x00]);
      tasks.add(command, () => {
        ended += 1;
        command.good();
      });
    }
    first.good();
    expect([ended, tasks.size]).toEqual([20_000, 0]);
  });

  it('knows the commands of one nexus', () => {
    const { add, tasks } = rig();
    const other = linkOf(unit, 'b');
    add('mine', 'ordered');
    const theirs = add('theirs', 'simple', other);
    expect(tasks.commands(other)).toEqual([theirs]);
    expect(tasks.commands()).toHaveLength(2);
  });

  it('ends an abort only when the last command has let go of the medium', () => {
    const { add, tasks, end, log } = rig();
    const running = add('running');
    const ordered = add('waiting', 'ordered');
    const untouched = add('untouched');
    let settled = false;
    tasks.abort([running, ordered], () => {
      settled = true;
    });
    expect([running.aborted, ordered.aborted, settled]).toEqual([true, true, false]);
    // The ordered one is out of the way.
    expect(log).toEqual(['running', 'untouched']);
    end('running');
    expect([settled, running.delivered]).toEqual([true, false]);
    end('untouched');
    expect([untouched.delivered, tasks.size]).toEqual([true, 0]);
  });

  it('starts nothing that it is about to abort', () => {
    const { add, tasks, log } = rig();
    const ordered = add('ordered', 'ordered');
    ordered.detach();
    add('behind it', 'ordered');
    add('simple');
    // The first ends with its abort, which would let the next one run.
    tasks.abort(tasks.commands(), () => log.push('settled'));
    expect(log).toEqual(['ordered', 'settled']);
    expect(tasks.size).toBe(0);
  });

  it('answers an abort of nothing at once', () => {
    const { tasks } = rig();
    let settled = false;
    tasks.abort([], () => {
      settled = true;
    });
    expect(settled).toBe(true);
  });

  it('lets a command wait for those that run beside it, but not for those behind it', () => {
    const { add, tasks, end, log } = rig();
    add('a');
    const alone = add('b');
    add('ordered', 'ordered');
    tasks.whenOthersEnd(alone, () => log.push('alone'));
    expect(log).toEqual(['a', 'b']);
    end('a');
    expect(log).toEqual(['a', 'b', 'alone']);
  });

  it('ends a detached command with its abort, whatever it began', () => {
    const { add, tasks } = rig();
    const command = add('sanitize');
    command.detach();
    let settled = false;
    tasks.abort([command], () => {
      settled = true;
    });
    expect([settled, tasks.size, command.delivered]).toEqual([true, 0, false]);
  });
});
