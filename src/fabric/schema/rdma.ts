/** Remote direct memory access of an adapter port: which kind, in which priority, in packets of which size. */
import { z } from 'zod';
import { choice, mapping, whole, yesNo } from './words.ts';
import { priority } from './dcb.ts';

export const RDMA_KINDS = ['roce-v1', 'roce-v2', 'iwarp', 'infiniband'] as const;
const kind = () => choice(RDMA_KINDS);

export const rdmaSchema = z.union(
  [
    kind().meta({ description: 'The kind, with nothing else to say.', examples: ['roce-v2'] }),
    mapping('a kind such as `roce-v2`, or a mapping with `kind`', {
      kind: kind().meta({ description: 'RoCE v1 stays in one subnet, v2 is routed; iWARP runs over TCP.' }),
      enabled: yesNo().default(true).meta({ description: 'NetworkDirect on Windows: the adapter can, and may.' }),
      priority: priority().optional().meta({ description: 'Priority of its frames (PCP), where the adapter sets it.' }),
      dscp: whole('a DSCP from 0 to 63', 0, 63).optional().meta({ description: 'DSCP of its packets (RoCE v2).' }),
      mtu: z
        .literal([256, 512, 1024, 2048, 4096], { error: 'choice' })
        .optional()
        .meta({ description: 'Path MTU: payload of one packet. By default the largest that fits.' }),
      ecn: yesNo().optional().meta({ description: 'Slows down when it hears of congestion (DCQCN: ECN marks and CNPs).' }),
    }),
  ],
  { error: 'a kind such as `roce-v2`, or a mapping with `kind`' },
);

export type RdmaDeclaration = z.output<typeof rdmaSchema>;
