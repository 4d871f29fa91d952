/** Spanning tree put to a bridge: its frames, its links, its relay. */
import type { Bridge, BridgeServices } from '../bridge.ts';
import { be48 } from '../../base/bytes.ts';
import { BRIDGE_GROUP_MAC } from '../../wire/ethernet/mac.ts';
import type { SpanningTreeSettings } from './settings.ts';
import { SpanningTree } from './spanning-tree.ts';

/** The settings' ports are the bridge's, in its order. Nothing is forwarded until the tree says so. */
export function addSpanningTree(bridge: Bridge, settings: SpanningTreeSettings, services: BridgeServices): SpanningTree {
  const tree = new SpanningTree(settings, {
    ...services,
    output: {
      transmit: (port, frame) => bridge.ports[port]!.send(frame),
      setState: (port, state) => bridge.ports[port]!.setRole(state),
      flush: (port) => bridge.flush(bridge.ports[port]!),
    },
  });
  bridge.addLocalHandler((port, frame) => be48(frame, 0) === BRIDGE_GROUP_MAC && tree.handleFrame(port.index, frame));
  bridge.onCarrier((port, up) => tree.handleCarrier(port.index, up, port.wire?.rateBitsPerSecond ?? 0));
  tree.start();
  for (const { index, wire } of bridge.ports) if (wire?.carrier === true) tree.handleCarrier(index, true, wire.rateBitsPerSecond);
  return tree;
}
