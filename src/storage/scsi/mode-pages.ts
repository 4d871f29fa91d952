/** Mode pages (SPC-5 §7.5, SBC-4 §6.5): what is in them, what an initiator may change, and what the changeable fields mean. */
import { putBe16 } from '../../base/bytes.ts';

/** PAGE CONTROL of MODE SENSE (SPC-5 table 171). */
export type PageControl = 'current' | 'changeable' | 'default';

export const PAGE_CACHING = 0x08;
export const PAGE_CONTROL = 0x0a;

/** Caching page, byte 2: WRITEBACK CACHE ENABLE. */
const WCE = 0x04;
/** Control page, byte 2: DESCRIPTOR FORMAT SENSE DATA; byte 4: SOFTWARE WRITE PROTECT. */
const D_SENSE = 0x04;
const SWP = 0x08;

interface Page {
  readonly defaults: Uint8Array;
  readonly changeable: Uint8Array;
  current: Uint8Array;
}

function makePage(code: number, lengthBytes: number, fields: Record<number, number>, changeable: Record<number, number>): [number, Page] {
  const make = (values: Record<number, number>): Uint8Array => {
    const bytes = new Uint8Array(lengthBytes);
    // SPC-5 §7.5.7: the page length counts what follows it. PS stays zero: nothing is saved.
    bytes[0] = code;
    bytes[1] = lengthBytes - 2;
    for (const [at, value] of Object.entries(values)) bytes[Number(at)] = value;
    return bytes;
  };
  const defaults = make(fields);
  return [code, { defaults, changeable: make(changeable), current: defaults.slice() }];
}

/** BUSY TIMEOUT PERIOD in units of 100 ms; a unit that is short of anything says so for no longer. */
const BUSY_TIMEOUT_TENTHS = 300;

export class ModePages {
  readonly #pages: ReadonlyMap<number, Page>;
  // What the changeable bits say now, read by every write and so kept beside the pages.
  writeCacheEnabled = false;
  softwareWriteProtect = false;
  /** Sense data goes out in descriptor format. */
  descriptorSense = false;

  constructor(writeBack: boolean) {
    this.#pages = new Map([
      // Read-Write Error Recovery: AWRE, as relocation is the store's own business (SBC-4 §6.5.8).
      makePage(0x01, 12, { 2: 0x80 }, {}),
      // Disconnect-Reconnect: no limits of ours (SPC-5 §7.5.12).
      makePage(0x02, 16, {}, {}),
      // Caching: a store that writes through has no cache to switch on (SBC-4 §6.5.6).
      makePage(PAGE_CACHING, 20, { 2: writeBack ? WCE : 0 }, { 2: writeBack ? WCE : 0 }),
      // Control: GLTSD, as no log parameters are saved; QERR 0 and TAS 0 are what the task set does (SPC-5 §7.5.10).
      makePage(PAGE_CONTROL, 12, { 2: 0x02 }, { 2: D_SENSE, 4: SWP }),
      // Informational Exceptions Control: DEXCPT, there are none to report (SBC-4 §6.5.7).
      makePage(0x1c, 12, { 2: 0x08 }, {}),
    ]);
    const control = this.#pages.get(PAGE_CONTROL)!;
    putBe16(control.defaults, 8, BUSY_TIMEOUT_TENTHS);
    control.current = control.defaults.slice();
    this.#refresh();
  }

  /** Page codes, ascending: the order in which all pages are returned. */
  get codes(): number[] {
    return [...this.#pages.keys()];
  }

  page(code: number, control: PageControl): Uint8Array | undefined {
    const page = this.#pages.get(code);
    if (page === undefined) return undefined;
    return control === 'current' ? page.current : control === 'default' ? page.defaults : page.changeable;
  }

  /** Takes a whole page that differs from the current one in changeable bits alone. True if it differs at all. */
  set(bytes: Uint8Array): boolean {
    const page = this.#pages.get(bytes[0]!)!;
    const changed = page.current.some((byte, index) => byte !== bytes[index]);
    page.current = bytes.slice();
    this.#refresh();
    return changed;
  }

  /** Back to the defaults, as nothing is saved: logical unit reset (SPC-5 §5.10). */
  reset(): void {
    for (const page of this.#pages.values()) page.current = page.defaults.slice();
    this.#refresh();
  }

  #refresh(): void {
    this.writeCacheEnabled = (this.#pages.get(PAGE_CACHING)!.current[2]! & WCE) !== 0;
    this.softwareWriteProtect = (this.#pages.get(PAGE_CONTROL)!.current[4]! & SWP) !== 0;
    this.descriptorSense = (this.#pages.get(PAGE_CONTROL)!.current[2]! & D_SENSE) !== 0;
  }
}
