/** A port that keeps what comes, with the time. */
import type { Clock, Nanos } from '../../base/clock.ts';
import type { Port, Wire } from '../../base/port.ts';

export class TestPort implements Port {
  readonly name: string;
  wire: Wire | undefined = undefined;
  readonly arrivals: { readonly at: Nanos; readonly frame: Uint8Array }[] = [];
  readonly carriers: boolean[] = [];
  readonly #clock: Clock;

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.#clock = clock;
  }

  handleFrame(frame: Uint8Array): void {
    this.arrivals.push({ at: this.#clock.now(), frame });
  }

  handleCarrier(up: boolean): void {
    this.carriers.push(up);
  }
}
