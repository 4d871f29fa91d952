/** What a running network gives to whoever asked for it: arrays and hosts of the fabric, the terminal, a test. */
import type { ByteStream, ByteStreamReceiver } from '../../base/byte-stream.ts';
import { type Clock, type Nanos, SECOND } from '../../base/clock.ts';
import type { EventSink } from '../../base/event.ts';
import type { Adapter } from '../../fabric/host-model.ts';
import type { Network } from '../../fabric/network/build.ts';
import type { NetworkPlan, PortPlace } from '../../fabric/network/plan.ts';
import type { CaptureOptions, CaptureWriter } from '../../runtime/capture.ts';
import type { LinkFaults } from '../../runtime/link-faults.ts';
import type { Dial } from '../../storage/iscsi/initiator/index.ts';
import type { Listener } from '../listener.ts';
import type { AttachmentReport, LinkReport } from './link-report.ts';

/** A port that the world can be plugged into. */
export interface AttachedReady {
  /** `tor1:9`. */
  readonly port: string;
  readonly to: string;
  /** What to type at the other end. */
  readonly hints: readonly string[];
}

export interface PublishedReady {
  readonly host: string;
  /** With the port that was picked. */
  readonly listen: string;
  readonly to: string;
}

export interface NetworkReady {
  readonly attached: readonly AttachedReady[];
  readonly published: readonly PublishedReady[];
}

export interface RunningCapture {
  /** Of the two ends, each an interface of the capture. */
  readonly names: readonly [string, string];
  /** Frames that the writer had no room for. */
  readonly omitted: number;
  stop(): void;
}

export interface RunningNetwork {
  readonly ready: NetworkReady;
  readonly clock: Clock;
  readonly network: Network;
  /** Undefined: this machine is not in the network, or has no such address. Throws an Error of one clear sentence. */
  listen(machine: string, host: string, port: number, accept: (stream: ByteStream) => ByteStreamReceiver): Listener | undefined;
  /** Undefined: this machine is not in the network. */
  dial(machine: string, bind: Adapter['bind']): Dial | undefined;
  /** Everything that passes a port, as pcapng. Undefined: there is no such port, or nothing is plugged in. */
  capture(place: PortPlace, write: CaptureWriter, options?: CaptureOptions): RunningCapture | undefined;
  links(): readonly LinkReport[];
  /** The one at this port; undefined: there is none. */
  link(place: PortPlace): LinkReport | undefined;
  /** Ports that the world can be plugged into, as they are now. */
  attachments(): readonly AttachmentReport[];
  /** Cuts or mends the link at this port; false: there is none. */
  setLink(place: PortPlace, up: boolean): boolean;
  /** Faults of the link at this port, in both directions; false: there is none. */
  setFaults(place: PortPlace, faults: Partial<LinkFaults>): boolean;
  /** From one end of the link at this port to the other, both ways, 0 to `DELAY_NANOS_MAX`; false: there is none. */
  setDelay(place: PortPlace, nanos: Nanos): boolean;
  /**
   * Resets a network adapter of a host or array: its links are gone for a moment. Resolves when it is over, false where it can't be reset.
   * Undefined: there is no such adapter.
   */
  resetAdapter(machine: string, adapter: string): Promise<boolean> | undefined;
  /** Lets go of ports and sockets. Asked twice, it gives the same promise. */
  stop(): Promise<void>;
}

/** Many times the way by a geostationary satellite, and short enough that TCP does not give up (RFC 9293 §3.8.3). */
export const DELAY_NANOS_MAX: Nanos = 10 * SECOND;

export interface NetworkRunServices {
  readonly events: EventSink;
}

/** All or nothing: rejects with an Error of one clear sentence, and then nothing is left behind. */
export type StartNetwork = (plan: NetworkPlan, services: NetworkRunServices) => Promise<RunningNetwork>;

export const placeText = ({ node, port }: PortPlace): string => `${node}:${port}`;

/** What a link is called everywhere, in events and on the page too: `tor1:1 - esx1:nic0`. */
export const linkText = ({ ends }: { readonly ends: readonly PortPlace[] }): string => ends.map(placeText).join(' - ');
