/** The wire of a port that an interface of the system is plugged into: its carrier is the interface's. */
import type { EventSink } from '../../base/event.ts';
import type { Port } from '../../base/port.ts';
import { OutsideWire } from './attachment.ts';
import { interfaceDown, interfaceGone, interfaceUp } from './events.ts';
import { type InterfaceState, type InterfaceWatch, watchInterface } from './interface-watch.ts';
import type { Native } from './native.ts';

export interface InterfaceWireSinks {
  send(frame: Uint8Array): void;
  /** The interface was removed, and will not come back. Called once, before the port hears of it. */
  onGone(): void;
}

export class InterfaceWire extends OutsideWire {
  readonly #port: Port;
  readonly #interface: string;
  readonly #events: EventSink;
  readonly #sinks: InterfaceWireSinks;
  readonly #watch: InterfaceWatch;
  #gone = false;

  constructor(port: Port, name: string, events: EventSink, native: Native, sinks: InterfaceWireSinks) {
    super(port, sinks.send);
    this.#port = port;
    this.#interface = name;
    this.#events = events;
    this.#sinks = sinks;
    this.#watch = watchInterface(native, name, (state) => this.#handleState(state));
    this.setUp(this.#watch.state === 'up');
  }

  #handleState(state: InterfaceState): void {
    if (state === 'gone') return this.handleGone('it was removed');
    (state === 'up' ? interfaceUp : interfaceDown)(this.#events, this.#port.name, { interface: this.#interface });
    this.setUp(state === 'up');
  }

  /** Also told by whoever reads from it. */
  handleGone(reason: string): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#watch.close();
    interfaceGone(this.#events, this.#port.name, { interface: this.#interface, reason });
    this.#sinks.onGone();
    this.setUp(false);
  }

  override unplug(): void {
    this.#gone = true;
    this.#watch.close();
    super.unplug();
  }
}
