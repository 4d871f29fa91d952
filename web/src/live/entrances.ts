/** Where an initiator on this machine gets in: what is published, and arrays that use the network of this machine. */
import type { Topology } from '../../../src/server/page.ts';

/** From here, "every address" is reached on loopback. */
export const entrances = ({ nodes }: Topology): string[] =>
  nodes.flatMap(({ portals = [] }) => portals.map((portal) => portal.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')));
