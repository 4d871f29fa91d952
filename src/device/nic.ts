/**
 * The port of a network adapter, with an interface for frames without a tag and one for each VLAN. A frame goes to the interface of its VLAN; the
 * interfaces share the port's wire.
 */
import type { Port, Wire } from '../base/port.ts';
import type { InetHost } from '../inet/host.ts';
import type { InetInterface } from '../inet/interface.ts';
import { ETHERNET_HEADER_BYTES, outerType, TAG_BYTES, tagControl, TYPE_VLAN, vlanOf } from '../wire/ethernet/frame.ts';
import type { Mac } from '../wire/ethernet/mac.ts';

export interface NicSettings {
  readonly name: string;
  readonly mac: Mac;
  readonly interfaces: readonly { readonly vlan: number | undefined; readonly mtuBytes: number }[];
}

export class Nic implements Port {
  readonly name: string;
  readonly mac: Mac;
  readonly interfaces: readonly InetInterface[];
  /** Frames of VLANs that nobody here is in. */
  ignored = 0;
  wire: Wire | undefined = undefined;
  readonly #byVlan = new Map<number, InetInterface>();
  readonly #onCarrier: (nic: Nic, up: boolean) => void;

  constructor(settings: NicSettings, host: InetHost, onCarrier: (nic: Nic, up: boolean) => void) {
    this.#onCarrier = onCarrier;
    this.name = settings.name;
    this.mac = settings.mac;
    const shared = new SharedWire(this);
    this.interfaces = settings.interfaces.map(({ vlan, mtuBytes }) => {
      const name = vlan === undefined ? settings.name : `${settings.name}.${vlan}`;
      const added = host.addInterface({ name, mac: settings.mac, mtuBytes, vlan });
      added.wire = shared;
      this.#byVlan.set(vlan ?? 0, added);
      return added;
    });
  }

  handleFrame(frame: Uint8Array): void {
    const tagged = frame.length >= ETHERNET_HEADER_BYTES + TAG_BYTES && outerType(frame) === TYPE_VLAN;
    // VLAN 0: a priority, and no VLAN (IEEE 802.1Q §9.6).
    const to = this.#byVlan.get(tagged ? vlanOf(tagControl(frame)) : 0);
    if (to === undefined) this.ignored += 1;
    else to.handleFrame(frame);
  }

  handleCarrier(up: boolean): void {
    for (const one of this.interfaces) one.handleCarrier(up);
    this.#onCarrier(this, up);
  }
}

class SharedWire implements Wire {
  readonly #nic: Nic;

  constructor(nic: Nic) {
    this.#nic = nic;
  }

  get rateBitsPerSecond(): number {
    return this.#nic.wire?.rateBitsPerSecond ?? 0;
  }

  get carrier(): boolean {
    return this.#nic.wire?.carrier === true;
  }

  transmit(frame: Uint8Array): void {
    this.#nic.wire?.transmit(frame);
  }
}
