/** IP on an interface, as the rest of the program sees it. */
import type { Nanos } from '../../base/clock.ts';
import type { Mac } from '../../wire/ethernet/mac.ts';
import type { IpAddress } from '../../wire/ip/address.ts';
import type { Placed } from '../model-parts.ts';
import type { IpPrefix } from './ip-prefix.ts';

/** Priority by socket priority, or the other way round. */
export interface PriorityMap extends Placed {
  readonly entries: readonly { readonly from: number; readonly to: number }[];
}

export interface NicInterface extends Placed {
  /** Undefined: frames without a tag. */
  readonly vlan: number | undefined;
  /** Priority in the tags of what is sent, by socket priority; undefined: not said. */
  readonly egress: PriorityMap | undefined;
  readonly ingress: PriorityMap | undefined;
  readonly mtuBytes: number;
  readonly addresses: readonly (IpPrefix & Placed)[];
  readonly dhcp: boolean;
  readonly autoconfigure: boolean;
  readonly dhcpServer: DhcpServerChoice | undefined;
  readonly advertise: readonly IpPrefix[];
}

export interface DhcpServerChoice extends Placed {
  readonly first: IpAddress;
  readonly last: IpAddress;
  readonly leaseNanos: Nanos;
  readonly router: IpAddress | undefined;
  readonly reservations: readonly (Placed & { readonly mac: Mac; readonly address: IpAddress })[];
}
