/** A network adapter of a machine: whether its driver runs, and what it has to tell of its ports. */
import type { EventSink } from '../base/event.ts';
import { formatMac } from '../wire/ethernet/mac.ts';
import {
  adapterFirmwareOld,
  adapterInitialised,
  adapterLinkDown,
  adapterLinkUp,
  adapterPortsMismatch,
  adapterStopped,
  adapterVectorsShort,
  networkAdapterReset,
  networkAdapterResetFailed,
} from './adapter-events.ts';
import type { Nic } from './nic.ts';

export interface NetworkAdapterParts {
  readonly name: string;
  readonly model: string;
  readonly ports: readonly string[];
  /** With it the driver does not start. */
  readonly oldFirmware: { readonly found: string; readonly least: string; readonly image: string } | undefined;
  readonly mismatch: { readonly scales: string; readonly other: string } | undefined;
  readonly shortVectors: { readonly given: number; readonly needed: number } | undefined;
}

export type NetworkAdapterState = 'stopped' | 'running' | 'resetting' | 'failed';

export class NetworkAdapter {
  readonly name: string;
  readonly nics: readonly Nic[];
  #state: NetworkAdapterState = 'stopped';
  readonly #parts: NetworkAdapterParts;
  readonly #events: EventSink;
  readonly #source: string;

  /** `source` is where its events come from: `esx1/slot1`. */
  constructor(parts: NetworkAdapterParts, nics: readonly Nic[], source: string, events: EventSink) {
    this.name = parts.name;
    this.nics = nics;
    this.#parts = parts;
    this.#events = events;
    this.#source = source;
  }

  /** As its maker writes it. */
  get model(): string {
    return this.#parts.model;
  }

  get state(): NetworkAdapterState {
    return this.#state;
  }

  /** Its ports may have links. */
  get works(): boolean {
    return this.#state === 'running';
  }

  get #own(): { readonly adapter: string; readonly model: string } {
    return { adapter: this.name, model: this.#parts.model };
  }

  /** The driver starts, if it can. */
  start(): void {
    const { oldFirmware, mismatch, shortVectors } = this.#parts;
    if (oldFirmware !== undefined) {
      this.#state = 'failed';
      return adapterFirmwareOld(this.#events, this.#source, { ...this.#own, ...oldFirmware });
    }
    this.#state = 'running';
    const ports = this.nics.map(({ name, mac }) => ({ port: name, mac: formatMac(mac) }));
    adapterInitialised(this.#events, this.#source, { ...this.#own, ports });
    if (mismatch !== undefined) adapterPortsMismatch(this.#events, this.#source, { ...this.#own, ...mismatch });
    if (shortVectors !== undefined) adapterVectorsShort(this.#events, this.#source, { ...this.#own, ...shortVectors });
  }

  /** Whoever has its links takes them away until `endReset`. False: it can't be reset now. */
  beginReset(): boolean {
    if (this.#state !== 'running') {
      const reason = this.#state === 'resetting' ? 'it is being reset already' : 'its driver is not running';
      networkAdapterResetFailed(this.#events, this.#source, { ...this.#own, reason });
      return false;
    }
    networkAdapterReset(this.#events, this.#source, { ...this.#own, ports: this.nics.map(({ name }) => name) });
    this.#state = 'resetting';
    return true;
  }

  endReset(): void {
    if (this.#state === 'resetting') this.#state = 'running';
  }

  /** After that it has nothing to tell any more. */
  stop(): void {
    if (this.#state === 'running' || this.#state === 'resetting') adapterStopped(this.#events, this.#source, this.#own);
    this.#state = 'stopped';
  }

  handleCarrier(nic: Nic, up: boolean): void {
    if (this.#state === 'stopped') return;
    (up ? adapterLinkUp : adapterLinkDown)(this.#events, this.#source, { ...this.#own, port: nic.name });
  }
}
