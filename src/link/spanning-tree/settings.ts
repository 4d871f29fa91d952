/** What is set about spanning tree (IEEE 802.1D-2004 §17.13), and what it reaches the world with. */
import type { Clock } from '../../base/clock.ts';
import type { EventSink } from '../../base/event.ts';
import type { Mac } from '../../wire/ethernet/mac.ts';
import type { PortRole } from '../bridge.ts';
import { FORWARD_DELAY, HELLO_TIME, MAX_AGE, TRANSMIT_HOLD_COUNT } from './protocol-times.ts';

export interface SpanningTreePortSettings {
  readonly name: string;
  /** Where its BPDUs come from. */
  readonly mac: Mac;
  /** 0 to 240 in steps of 16: of equal ports the lower serves. */
  readonly priority: number;
  /** Undefined: by the rate of the link (table 17-3). */
  readonly pathCost: number | undefined;
  /** AdminEdge: nothing but stations is here, forward at once. A BPDU proves it wrong. */
  readonly edge: boolean;
  /** AutoEdge: who sends no BPDU for 3 s is a station. */
  readonly autoEdge: boolean;
  /** operPointToPointMAC: one bridge at most is at the other end, so that an agreement is everybody's. */
  readonly pointToPoint: boolean;
  /** A BPDU takes the port out of service: only stations belong here. */
  readonly bpduGuard: boolean;
  /** The root is never behind this port (restrictedRole, IEEE 802.1Q-2018 §13.27.64). */
  readonly rootGuard: boolean;
}

export interface SpanningTreeSettings {
  /** For events. */
  readonly name: string;
  readonly address: Mac;
  /** 0 to 61440 in steps of 4096: the lowest becomes root. */
  readonly priority: number;
  readonly helloTimeSeconds: number;
  readonly maxAgeSeconds: number;
  readonly forwardDelaySeconds: number;
  readonly transmitHoldCount: number;
  /** Force Protocol Version 0 (§17.13.4): as a bridge of the old kind does. */
  readonly legacy: boolean;
  /** After this long a guarded port is tried again; undefined: only when its link was down. */
  readonly guardRecoverySeconds: number | undefined;
  readonly ports: readonly SpanningTreePortSettings[];
}

export const defaultSpanningTreeSettings = {
  priority: 32_768,
  helloTimeSeconds: HELLO_TIME.usual,
  maxAgeSeconds: MAX_AGE.usual,
  forwardDelaySeconds: FORWARD_DELAY.usual,
  transmitHoldCount: TRANSMIT_HOLD_COUNT.usual,
  legacy: false,
  guardRecoverySeconds: undefined,
} as const satisfies Partial<SpanningTreeSettings>;

export const defaultSpanningTreePortSettings = {
  priority: 128,
  pathCost: undefined,
  edge: false,
  autoEdge: true,
  pointToPoint: true,
  bpduGuard: false,
  rootGuard: false,
} as const satisfies Partial<SpanningTreePortSettings>;

/** The bridge, as spanning tree sees it. Ports go by their index. */
export interface SpanningTreeOutput {
  transmit(port: number, frame: Uint8Array): void;
  setState(port: number, state: PortRole): void;
  /** Forgets the addresses learned on a port (§17.11). */
  flush(port: number): void;
}

export interface SpanningTreeServices {
  readonly clock: Clock;
  readonly events: EventSink;
  readonly output: SpanningTreeOutput;
}
