/** A multipath unit over paths of a test's own making, to a logical unit of ours: cables are pulled, answers are kept back, time is told to pass. */
import { EMPTY_BYTES } from '../../../base/bytes.ts';
import type { Nanos } from '../../../base/clock.ts';
import type { FabricEvent } from '../../../base/event.ts';
import { seededRng } from '../../../base/rng.ts';
import { encodeFixedSense } from '../../../wire/scsi/sense.ts';
import { StepClock } from '../../block/testing/step-clock.ts';
import type { LogicalUnit } from '../../scsi/logical-unit.ts';
import type { TargetPort } from '../../scsi/nexus.ts';
import { makeUnit, run, testNexus } from '../../scsi/testing/test-command.ts';
import { defaultMultipathLimits, type MultipathLimits } from '../limits.ts';
import type { PathAnswer, PathDone, PathEnd, PathLink, PathLinkSink, UnitCommand } from '../path-link.ts';
import { MultipathUnit } from '../unit.ts';
import type { MultipathFailure, UnitTask } from '../unit-task.ts';

export interface TestAnswer extends PathAnswer {
  status: number;
  sense: Uint8Array;
  data: Uint8Array;
}

interface Sent {
  readonly command: UnitCommand;
  readonly answer: TestAnswer;
  readonly done: PathDone<TestAnswer>;
}

/** Commands whose first byte is one of these are the bench's own; the others are questions of multipath's. */
const OWN: ReadonlySet<number> = new Set([0x28, 0x2a, 0x89, 0x5f]);

export class TestLink implements PathLink<TestAnswer> {
  readonly name: string;
  readonly port: TargetPort;
  /** What is behind it; a test may put another unit there. */
  unit: LogicalUnit;
  /** Operation codes of the bench's own commands that came here. */
  readonly seen: number[] = [];
  /** Commands that reached the unit, of whatever kind. */
  readonly asked: number[] = [];
  /** The bench's own commands are kept here until `release`. */
  isHeld = false;
  /** Questions come to no answer. */
  isMute = false;
  readonly held: Sent[] = [];
  closed = false;
  #sink: PathLinkSink | undefined;
  readonly #initiator: string;
  readonly #startsUp: boolean;

  constructor(name: string, unit: LogicalUnit, port: TargetPort, startsUp: boolean) {
    this.name = name;
    this.unit = unit;
    this.port = port;
    this.#startsUp = startsUp;
    this.#initiator = name;
  }

  start(sink: PathLinkSink): void {
    this.#sink = sink;
    if (this.#startsUp) sink.handleUp();
  }

  up(): void {
    this.#sink!.handleUp();
  }

  /** The cable is pulled: what is kept here ends in this way. */
  down(end: PathEnd = 'lost', reason = 'the cable was pulled'): void {
    this.#sink!.handleDown(reason);
    for (const sent of this.held.splice(0)) sent.done(sent.answer, end);
  }

  submit(command: UnitCommand, done: PathDone<TestAnswer>): TestAnswer {
    const answer: TestAnswer = { status: -1, sense: EMPTY_BYTES, data: EMPTY_BYTES };
    const isOwn = OWN.has(command.cdb[0]!) && command.timeoutNanos === undefined;
    if (isOwn) this.seen.push(command.cdb[0]!);
    const sent = { command, answer, done };
    if (isOwn ? this.isHeld : this.isMute) this.held.push(sent);
    else this.#carryOut(sent);
    return answer;
  }

  /** The unit carries out what was kept here. */
  release(): void {
    this.isHeld = false;
    this.isMute = false;
    for (const sent of this.held.splice(0)) this.#carryOut(sent);
  }

  abort(answer: TestAnswer): void {
    const index = this.held.findIndex((sent) => sent.answer === answer);
    if (index !== -1) this.held.splice(index, 1)[0]!.done(answer, 'failed');
  }

  #carryOut({ command, answer, done }: Sent): void {
    this.asked.push(command.cdb[0]!);
    const dataOut = (command.dataOut ?? []).flatMap((view) => [...view]);
    const link = this.unit.link(testNexus(this.#initiator, this.port));
    const ended = run(this.unit, command.cdb, { link, dataOut, dataInLimitBytes: command.dataInBytes ?? 0 });
    answer.status = ended.status;
    answer.data = ended.bytes;
    if (ended.sense !== undefined) {
      answer.sense = encodeFixedSense(ended.sense);
      if (ended.sense.key === 'UNIT ATTENTION') this.#sink!.handleAttention(ended.sense);
    }
    done(answer, 'answered');
  }

  close(done: () => void): void {
    this.closed = true;
    done();
  }
}

export interface UnitBenchOptions {
  readonly limits?: Partial<MultipathLimits>;
  /** One path for each, in the order of their priorities: the target port group it leads to. */
  readonly groups?: readonly number[];
  /** Paths whose cable is not in at first. */
  readonly unplugged?: readonly number[];
}

export interface Ended {
  readonly answer: TestAnswer | undefined;
  readonly failure: MultipathFailure | undefined;
}

export class UnitBench {
  readonly clock = new StepClock();
  readonly events: FabricEvent[] = [];
  readonly disk: LogicalUnit;
  readonly links: TestLink[];
  readonly unit: MultipathUnit<TestAnswer>;
  changes = 0;

  constructor(options: UnitBenchOptions = {}) {
    const groups = options.groups ?? [1, 2];
    const ports = groups.map((groupId, index) => ({ relativeId: index + 1, name: `port ${index + 1}`, groupId }));
    this.disk = makeUnit({ ports });
    const services = {
      clock: this.clock,
      rng: seededRng(3),
      events: (event: FabricEvent): void => void this.events.push(event),
      source: 'disk',
      limits: { ...defaultMultipathLimits, ...options.limits },
    };
    this.unit = new MultipathUnit<TestAnswer>(services, { handleChange: () => (this.changes += 1) });
    this.links = ports.map((port, index) => new TestLink('abcdef'[index]!, this.disk, port, options.unplugged?.includes(index) !== true));
    for (const link of this.links) this.unit.add(link);
  }

  /** Sends a command; what it ended with comes into the list it gives back. */
  send(command: UnitCommand): { readonly task: UnitTask<TestAnswer>; readonly ends: Ended[] } {
    const ends: Ended[] = [];
    const task = this.unit.submit(command, (answer, failure) => void ends.push({ answer, failure }));
    return { task, ends };
  }

  /** How a command ends that ends at once: its status, or why it failed. */
  outcome(command: UnitCommand): string | number {
    const { ends } = this.send(command);
    if (ends.length !== 1) return `ended ${ends.length} times`;
    return ends[0]!.failure?.reason ?? ends[0]!.answer!.status;
  }

  /** Lets time pass. */
  elapse(nanos: Nanos): void {
    const state = { isOver: false };
    this.clock.after(nanos, () => (state.isOver = true));
    while (!state.isOver) this.clock.step();
  }

  /** `a up active-optimized *`: the star stands for commands that go by it. */
  get paths(): string[] {
    return this.unit
      .paths()
      .map(({ name, state, access, active, held }) => [name, state, access, ...(active ? ['*'] : []), ...(held ? ['held'] : [])].join(' '));
  }

  /** Which path each of so many commands went by. */
  route(count: number, command: UnitCommand = readCommand()): string {
    let route = '';
    for (let index = 0; index < count; index += 1) {
      const before = this.links.map(({ seen }) => seen.length);
      this.send(command);
      route += this.links
        .filter(({ seen }, at) => seen.length > before[at]!)
        .map(({ name }) => name)
        .join('');
    }
    return route;
  }

  /** The names of the events since the last call, without what they all begin with. */
  news(): string[] {
    return this.events.splice(0).map(({ name }) => name.replace('multipath-', ''));
  }
}

export const readCommand = (lba = 0): UnitCommand => ({ cdb: Uint8Array.of(0x28, 0, 0, 0, 0, lba, 0, 0, 1, 0), dataInBytes: 512 });
export const writeCommand = (lba: number, fill: number): UnitCommand => ({
  cdb: Uint8Array.of(0x2a, 0, 0, 0, 0, lba, 0, 0, 1, 0),
  dataOut: [new Uint8Array(512).fill(fill)],
});
/** COMPARE AND WRITE must not be sent twice. */
export const compareCommand = (lba: number, expected: number, fill: number): UnitCommand => ({
  cdb: Uint8Array.of(0x89, 0, 0, 0, 0, 0, 0, 0, 0, lba, 0, 0, 0, 1, 0, 0),
  dataOut: [new Uint8Array(512).fill(expected), new Uint8Array(512).fill(fill)],
});
