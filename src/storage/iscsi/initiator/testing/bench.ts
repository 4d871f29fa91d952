/** Our initiator and our target on one bench: one clock that stands still until it is told, streams without sockets. */
import type { ByteStream } from '../../../../base/byte-stream.ts';
import type { FabricEvent } from '../../../../base/event.ts';
import { seededRng } from '../../../../base/rng.ts';
import type { Sense } from '../../../../wire/scsi/sense.ts';
import { DISK, HOST } from '../../testing/scripted-initiator.ts';
import { type BenchOptions, TargetBench } from '../../testing/target-bench.ts';
import type { InitiatorError } from '../errors.ts';
import { defaultInitiatorLimits, type InitiatorLimits } from '../limits.ts';
import type { PortalAddress } from '../portal-address.ts';
import { InitiatorSession, type SessionPlan, type SessionServices, type SessionState } from '../session.ts';
import { type CommandRequest, InitiatorTask } from '../task.ts';
import type { ScriptedTarget } from './scripted-target.ts';
import { StreamPair } from './stream-pair.ts';
import { Stepper } from './stepper.ts';

export interface SessionBenchOptions extends BenchOptions {
  readonly initiator?: Partial<InitiatorLimits>;
  readonly plan?: Partial<SessionPlan>;
  /** What a new stream is like: the first is number 0. */
  readonly onPair?: (pair: StreamPair, index: number) => void;
  /** Who answers in place of our target: asked for each stream. */
  readonly scripted?: (index: number) => ScriptedTarget;
}

export class SessionBench {
  readonly target: TargetBench;
  readonly pairs: StreamPair[] = [];
  /** Where connections were wanted, and when. */
  readonly dialed: (PortalAddress & { readonly nanos: number })[] = [];
  readonly states: SessionState[] = [];
  readonly attentions: (readonly [lun: number, sense: Sense])[] = [];
  readonly events: FabricEvent[] = [];
  readonly services: SessionServices;
  readonly session: InitiatorSession;
  /** The next connections come to nothing, with this reason. */
  refuses: string | undefined;
  readonly #stepper: Stepper;

  constructor(options: SessionBenchOptions = {}) {
    this.target = new TargetBench(options);
    this.#stepper = new Stepper(this.target.clock, this.pairs);
    const { clock, service } = this.target;
    this.services = {
      clock,
      rng: seededRng(7),
      events: (event) => this.events.push(event),
      allocate: (bytes) => new Uint8Array(bytes),
      defer: (action) => this.#stepper.defer(action),
      dial: (address, receiver, opened) => {
        this.dialed.push({ ...address, nanos: clock.now() });
        const { refuses } = this;
        let cancelled = false;
        clock.after(1, () => {
          if (cancelled) return;
          if (refuses !== undefined) return receiver.handleClose(refuses);
          const pair = new StreamPair(`192.0.2.7:${50_000 + this.pairs.length}`, `${address.host}:${address.port}`);
          const scripted = options.scripted?.(this.pairs.length);
          const { receiver: theirs, attach } =
            scripted === undefined
              ? service.accept(service.portals[0]!)
              : { receiver: scripted.receiver, attach: (stream: ByteStream): void => scripted.attach(stream) };
          pair.initiator.receiver = receiver;
          pair.target.receiver = theirs;
          options.onPair?.(pair, this.pairs.length);
          this.pairs.push(pair);
          attach(pair.target);
          opened(pair.initiator);
        });
        return { cancel: () => (cancelled = true) };
      },
    };
    const plan: SessionPlan = {
      initiatorName: HOST,
      initiatorAlias: undefined,
      targetName: DISK,
      portals: [{ host: '192.0.2.1', port: 3260 }],
      chap: undefined,
      chapRequired: false,
      isid: undefined,
      ...options.plan,
    };
    const limits = { ...defaultInitiatorLimits, pingAfterNanos: 0, ...options.initiator };
    this.session = new InitiatorSession(plan, limits, this.services, {
      handleState: (state) => void this.states.push(state),
      handleAttention: (lun, sense) => void this.attentions.push([lun, sense]),
      handleRoom: () => {},
    });
  }

  settle(): void {
    this.#stepper.settle();
  }

  run(until: () => boolean): void {
    this.#stepper.run(until);
  }

  open(): InitiatorError | undefined {
    let result: { readonly error: InitiatorError | undefined } | undefined;
    this.session.open((error) => (result = { error }));
    this.run(() => result !== undefined);
    return result!.error;
  }

  /** Logged in, with the attentions of a new nexus out of the way. */
  opened(): this {
    const error = this.open();
    if (error !== undefined) throw new Error(error.message);
    this.target.calm();
    return this;
  }

  submit(request: CommandRequest): InitiatorTask {
    const task = new InitiatorTask(request, () => {});
    this.session.scheduler.submit(task);
    return task;
  }

  /** Carries one command out. */
  command(request: CommandRequest): InitiatorTask {
    const task = this.submit(request);
    this.run(() => task.state === 'done');
    return task;
  }

  close(): void {
    let closed = false;
    this.session.close(() => (closed = true));
    this.run(() => closed);
  }

  /** The names of the events since the last call. */
  news(): string[] {
    return this.events.splice(0).map((event) => event.name);
  }
}
