/** I_T_L nexus (SAM-5 §4.7): what a logical unit remembers about one initiator port at one target port. */
import { type Sense, sense } from '../../wire/scsi/sense.ts';
import { type Nexus, nexusKey } from './nexus.ts';

/** SAM-5 §5.14: a device may bound its queue of unit attention conditions. */
const ATTENTIONS_MAX = 16;

export class UnitNexus {
  readonly nexus: Nexus;
  readonly key: string;
  /** PREVENT ALLOW MEDIUM REMOVAL is in force from this nexus (SPC-5 §6.14). */
  preventsRemoval = false;
  readonly #attentions: Sense[] = [];

  constructor(nexus: Nexus) {
    this.nexus = nexus;
    this.key = nexusKey(nexus);
    // SAM-5 §5.14.1: a nexus never seen before is told of the power on.
    this.#attentions.push(sense('UNIT ATTENTION', 'POWER_ON_OR_RESET'));
  }

  get hasAttention(): boolean {
    return this.#attentions.length !== 0;
  }

  /** Queues a unit attention condition; one of each kind at a time, and a reset takes the place of all before it. */
  attention(value: Sense): void {
    if (value.code >>> 8 === 0x29) this.#attentions.length = 0;
    if (this.#attentions.some((queued) => queued.code === value.code)) return;
    if (this.#attentions.length === ATTENTIONS_MAX) this.#attentions.shift();
    this.#attentions.push(value);
  }

  /** The oldest condition, which is cleared by being reported. */
  takeAttention(): Sense | undefined {
    return this.#attentions.shift();
  }

  /** REPORT LUNS clears the condition that told of a changed inventory (SPC-5 §6.33). */
  clearAttention(code: number): void {
    const index = this.#attentions.findIndex((queued) => queued.code === code);
    if (index !== -1) this.#attentions.splice(index, 1);
  }
}
