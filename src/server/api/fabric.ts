/** What a fabric is made of, and how it is. */
import { z } from 'zod';
import { NotFound, type Operation, operation, type Served } from './operation.ts';
import { nameInput } from './words.ts';

/** How many of each were asked to come up. */
export interface FabricCounts {
  readonly arrays: number;
  readonly targets: number;
  readonly units: number;
  readonly hosts: number;
  readonly machines: number;
  readonly switches: number;
  readonly links: number;
}

export interface FabricAnswer {
  readonly name: string;
  /** Of Samewire. */
  readonly version: string;
  readonly file: string | undefined;
  readonly startedAt: string;
  /** Of the page, without its token; undefined: there is none. */
  readonly url: string | undefined;
  readonly counts: FabricCounts;
  /** Declared, and not run. */
  readonly onlyChecked: readonly string[];
}

const countSchema = z.int().min(0);

const fabricSchema = z.object({
  name: z.string(),
  version: z.string(),
  file: z.string().optional(),
  startedAt: z.iso.datetime(),
  url: z.string().optional(),
  counts: z.object({
    arrays: countSchema,
    targets: countSchema,
    units: countSchema,
    hosts: countSchema,
    machines: countSchema,
    switches: countSchema,
    links: countSchema,
  }),
  onlyChecked: z.array(z.string()),
});

const topologySchema = z.looseObject({
  fabric: z.string(),
  nodes: z.array(z.looseObject({ id: z.string(), kind: z.string(), name: z.string(), ports: z.array(z.string()), tier: z.number() })),
  links: z.array(z.looseObject({ id: z.string(), kind: z.enum(['link', 'attachment', 'publication']) })),
  onlyChecked: z.array(z.string()),
});

const stateSchema = z.looseObject({
  sequence: countSchema,
  time: z.iso.datetime(),
  upMilliseconds: z.number(),
  totals: z.record(z.string(), z.number()),
  links: z.array(z.looseObject({ index: countSchema, up: z.boolean() })),
  units: z.array(z.looseObject({ array: z.string(), target: z.string(), lun: countSchema })),
  sessions: z.array(z.looseObject({ array: z.string(), initiator: z.string() })),
  hosts: z.array(z.looseObject({ host: z.string() })),
  world: z.array(z.object({ id: z.string(), present: z.boolean() })),
});

const historySchema = z.object({
  histories: z.array(z.object({ series: z.string(), sequence: countSchema, time: z.iso.datetime(), values: z.array(z.number()) })),
});

const problemSchema = z.looseObject({
  rule: z.string(),
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  remedy: z.string(),
  file: z.string(),
  where: z.string(),
  line: z.int(),
  column: z.int(),
});

function fabricAnswer({ fabric, url }: Served): FabricAnswer {
  const { arrays, hosts, network } = fabric.plans;
  const targets = arrays.flatMap((array) => array.targets);
  return {
    name: fabric.name,
    version: fabric.version,
    file: fabric.file,
    startedAt: fabric.startedAt.toISOString(),
    url: url?.(),
    counts: {
      arrays: arrays.length,
      targets: targets.length,
      units: targets.reduce((sum, target) => sum + target.units.length, 0),
      hosts: hosts.length,
      machines: network?.machines.length ?? 0,
      switches: network?.switches.length ?? 0,
      links: network?.links.length ?? 0,
    },
    onlyChecked: fabric.onlyChecked,
  };
}

const noInput = z.strictObject({});

export const fabricOperations: readonly Operation[] = [
  operation({
    method: 'GET',
    path: '/api/fabric',
    tag: 'fabric',
    summary: 'What is up',
    input: noInput,
    answer: fabricSchema,
    act: fabricAnswer,
  }),
  operation({
    method: 'GET',
    path: '/api/topology',
    tag: 'fabric',
    summary: 'Nodes and links, as they are drawn',
    description: 'Stays as it is while the fabric is up.',
    input: noInput,
    answer: topologySchema,
    act: ({ sampler }) => sampler.topology,
  }),
  operation({
    method: 'GET',
    path: '/api/state',
    tag: 'fabric',
    summary: 'How everything is, as of the last second',
    description: 'Totals, links, units, sessions, hosts, and what of the world is plugged in. Rates are over the last second.',
    input: noInput,
    answer: stateSchema,
    act: ({ sampler }) => sampler.state,
  }),
  operation({
    method: 'GET',
    path: '/api/nodes/detail',
    tag: 'fabric',
    summary: 'Everything about one node',
    input: z.strictObject({ node: nameInput().describe('Its id in the topology.') }),
    example: { node: 'esx1' },
    answer: z.looseObject({ node: z.string(), leftOut: countSchema }),
    act({ sampler }, { node }) {
      const found = sampler.detail(node);
      if (found === undefined) throw new NotFound(`There is no ${node} in the fabric.`);
      return found;
    },
  }),
  operation({
    method: 'GET',
    path: '/api/history',
    tag: 'fabric',
    summary: 'The past of figures, one value a second',
    input: z.strictObject({
      series: z.array(z.string().min(1).max(400)).min(1).max(20).describe('Such as `totals readsPerSecond`, `link 3 0 bitsPerSecond`.'),
    }),
    example: { series: ['totals readsPerSecond'] },
    answer: historySchema,
    act: ({ sampler }, { series }) => ({
      histories: series.map((name) => {
        const found = sampler.history(name);
        if (found === undefined) throw new NotFound(`There is no series ${name}.`);
        return found;
      }),
    }),
  }),
  operation({
    method: 'GET',
    path: '/api/checks',
    tag: 'fabric',
    summary: 'What the rules found in the fabric file',
    input: noInput,
    answer: z.object({ problems: z.array(problemSchema) }),
    act: ({ fabric }) => ({ problems: fabric.problems }),
  }),
];
