/** An interface of a machine in a VLAN whose frames have tags. */
import { interfaceShape } from './interface.ts';
import { priority } from './dcb.ts';
import { mtu } from './wire-words.ts';
import { mapping, named } from './words.ts';

export const vlanInterfaceSchema = mapping('a mapping with `addresses`', {
  ...interfaceShape,
  mtu: mtu().optional().meta({ description: 'Largest IP packet here. By default that of the adapter port.' }),
  egress: named('a mapping from socket priority to priority', priority())
    .optional()
    .meta({
      description: 'Priority in the tag (PCP) by the priority of the socket, 0 to 15 (Linux: egress-qos-map).',
      examples: [{ 0: 3 }],
    }),
  ingress: named('a mapping from priority to socket priority', priority())
    .optional()
    .meta({ description: 'Priority given to what comes in, by the priority in the tag (Linux: ingress-qos-map).' }),
});
