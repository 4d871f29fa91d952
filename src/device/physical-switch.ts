/** A physical switch: a VLAN bridge with spanning tree and LLDP at its ports. Composition only. */
import { be16, be48 } from '../base/bytes.ts';
import type { Nanos } from '../base/clock.ts';
import { Bridge, type BridgePort, type BridgePortSettings, type BridgeServices, type BridgeSettings } from '../link/bridge.ts';
import { LldpAgent } from '../link/lldp-agent.ts';
import { addSpanningTree } from '../link/spanning-tree/bridge-spanning-tree.ts';
import type { SpanningTreePortSettings, SpanningTreeSettings } from '../link/spanning-tree/settings.ts';
import type { SpanningTree } from '../link/spanning-tree/spanning-tree.ts';
import { ETHERNET_HEADER_BYTES, TYPE_LLDP } from '../wire/ethernet/frame.ts';
import { CAPABILITY_BRIDGE } from '../wire/ethernet/lldp.ts';
import { type Mac, NEAREST_BRIDGE_MAC } from '../wire/ethernet/mac.ts';

export interface PhysicalSwitchParts {
  readonly name: string;
  readonly mac: Mac;
  readonly ports: readonly SwitchPortParts[];
  readonly addressesMax: number;
  readonly ageingNanos: Nanos;
  /** Without what the ports and the switch's name and address say. Undefined: loops are not looked for. */
  readonly spanningTree: Omit<SpanningTreeSettings, 'name' | 'address' | 'ports'> | undefined;
  readonly lldp: boolean;
  readonly forwarding: BridgeSettings['forwarding'];
}

export interface SwitchPortParts extends BridgePortSettings {
  readonly mac: Mac;
  readonly tree: Omit<SpanningTreePortSettings, 'name' | 'mac'>;
}

export class PhysicalSwitch {
  readonly name: string;
  readonly bridge: Bridge;
  readonly tree: SpanningTree | undefined;
  readonly lldp: LldpAgent | undefined;

  constructor(parts: PhysicalSwitchParts, services: BridgeServices) {
    const { name, mac, ports, addressesMax, ageingNanos, forwarding } = parts;
    this.name = name;
    this.bridge = new Bridge({ name, ports, addressesMax, ageingNanos, forwarding }, services);
    this.tree =
      parts.spanningTree === undefined
        ? undefined
        : addSpanningTree(
            this.bridge,
            {
              ...parts.spanningTree,
              name,
              address: mac,
              ports: ports.map((port) => ({ ...port.tree, name: port.name, mac: port.mac })),
            },
            services,
          );
    this.lldp = parts.lldp ? addLldp(this.bridge, parts, services) : undefined;
  }

  port(name: string): BridgePort | undefined {
    return this.bridge.ports.find((port) => port.name === name);
  }

  stop(): void {
    this.lldp?.stop();
  }
}

function addLldp(bridge: Bridge, { name, mac, ports }: PhysicalSwitchParts, { clock }: BridgeServices): LldpAgent {
  const agent = new LldpAgent(
    {
      chassis: mac,
      name,
      description: 'Samewire',
      capabilities: { supported: CAPABILITY_BRIDGE, enabled: CAPABILITY_BRIDGE },
      managementAddresses: [],
    },
    clock,
  );
  for (const [index, port] of bridge.ports.entries())
    agent.addPort({ name: port.name, mac: ports[index]!.mac, send: (frame) => port.send(frame) });
  bridge.addLocalHandler((port, frame) => {
    if (be48(frame, 0) !== NEAREST_BRIDGE_MAC || frame.length < ETHERNET_HEADER_BYTES || be16(frame, 12) !== TYPE_LLDP) return false;
    agent.handleFrame(port.name, frame);
    return true;
  });
  bridge.onCarrier((port, up) => agent.handleCarrier(port.name, up));
  return agent;
}
