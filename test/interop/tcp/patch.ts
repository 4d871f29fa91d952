/** Two ports back to back: what comes in at one leaves at the other. It stands between a link of ours and something of the world. */
import type { Port, Wire } from '../../../src/base/port.ts';

class PatchPort implements Port {
  readonly name: string;
  wire: Wire | undefined = undefined;
  other: PatchPort | undefined;

  constructor(name: string) {
    this.name = name;
  }

  handleFrame(frame: Uint8Array): void {
    this.other!.wire?.transmit(frame);
  }

  handleCarrier(): void {}
}

export function patch(name: string): readonly [Port, Port] {
  const [inside, outside] = [new PatchPort(`${name}/inside`), new PatchPort(`${name}/outside`)];
  inside.other = outside;
  outside.other = inside;
  return [inside, outside];
}
