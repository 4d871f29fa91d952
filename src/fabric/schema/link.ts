/** Links: full-duplex Ethernet between two ports, with what a cable does to frames. */
import { z } from 'zod';
import { isMistake, mistake, type Parsed } from '../parsed.ts';
import { readBy, mapping, text, yesNo } from './words.ts';
import { parseDuration } from '../duration.ts';
import { parseSize } from '../size.ts';
import { mtu, rate } from './wire-words.ts';
import { duration } from './session.ts';

const endNoun = 'a node and its port, such as `esx1:nic0` or `tor1:1`';
const linkNoun = 'two ends such as `[esx1:nic0, tor1:1]`, or a mapping with `ends`';

export interface WrittenEnd {
  readonly node: string;
  readonly port: string;
}

export function splitEnd(written: string): WrittenEnd | undefined {
  const match = /^([A-Za-z0-9_-]{1,64}):([A-Za-z0-9_./-]{1,64})$/.exec(written.trim());
  return match === null ? undefined : { node: match[1]!, port: match[2]! };
}

const parseEnd = (written: string): Parsed<unknown> => {
  const value = splitEnd(written);
  return value === undefined ? mistake(`\`${written.slice(0, 80)}\` is no end of a link.`, `Write ${endNoun}.`) : { value };
};

const ends = () => z.tuple([text(endNoun, parseEnd), text(endNoun, parseEnd)], { error: 'two ends such as `[esx1:nic0, tor1:1]`' });

const probabilityNoun = 'a percentage such as `0.1%`, or a number from 0 to 1';
export function parseProbability(written: string | number): Parsed<number> {
  const match = /^(\d{1,9}(?:\.\d{1,12})?(?:e-\d{1,2})?)\s*(%)?$/.exec(String(written).trim());
  const value = Number(match?.[1]) / (match?.[2] === undefined ? 1 : 100);
  return match !== null && value <= 1
    ? { value }
    : mistake(`\`${String(written).slice(0, 40)}\` is no probability.`, `Write ${probabilityNoun}.`);
}
const probability = () => z.union([z.string(), z.number()], { error: probabilityNoun }).superRefine(readBy(parseProbability));

/** 5 ns a metre: light in fibre and signals in copper are about as fast. */
export function parseLength(written: string): Parsed<number> {
  const match = /^(\d{1,6}(?:\.\d{1,3})?)\s*(m|km)$/.exec(written.trim());
  const metres = Number(match?.[1]) * (match?.[2] === 'km' ? 1000 : 1);
  return match !== null && metres <= 1_000_000
    ? { value: metres }
    : mistake(`\`${written.slice(0, 40)}\` is not the length of a cable.`, 'Write a length such as `3m` or `10km`.');
}

const faultsSchema = mapping('a mapping of faults', {
  loss: probability()
    .optional()
    .meta({ description: 'Frames that get lost.', examples: ['0.1%'] }),
  corruption: probability().optional().meta({ description: 'Frames in which a few bits are turned over.' }),
  duplication: probability().optional().meta({ description: 'Frames that arrive twice.' }),
  reordering: probability().optional().meta({ description: 'Frames that others overtake.' }),
  reorderingDelay: duration()
    .optional()
    .meta({ description: 'How long such a frame is held up. By default `1ms`.', examples: ['1ms'] }),
  flapping: mapping('a mapping with `up` and `down`', {
    up: duration().meta({ description: 'How long the link is up on average.', examples: ['30s'] }),
    down: duration().meta({ description: 'How long it is down then on average.', examples: ['1s'] }),
  })
    .optional()
    .meta({ description: 'The link goes down now and then, and comes back.' }),
});

const ecnNoun = 'a mapping with `min` and `max`';
const queueSize = () =>
  z.union([z.string(), z.number()], { error: 'a size such as `150KB`' }).superRefine(
    readBy((written: string | number): Parsed<unknown> => {
      const parsed = parseSize(written);
      return !isMistake(parsed) && parsed.value > 2 ** 30
        ? mistake(`\`${written}\` is too large for a queue.`, 'The most is `1GiB`.')
        : parsed;
    }),
  );

const longSchema = mapping(linkNoun, {
  ends: ends().meta({ description: 'The two ports it joins.', examples: [['esx1:nic0', 'tor1:1']] }),
  rate: rate()
    .optional()
    .meta({ description: 'By default the most that both ports can do.', examples: ['10G'] }),
  length: text('a length such as `3m` or `10km`', parseLength)
    .optional()
    .meta({ description: 'Length of the cable, 5 ns a metre. By default `3m`.', examples: ['3m', '10km'] }),
  delay: text('a time such as `50us`', parseDuration)
    .optional()
    .meta({ description: 'Time from end to end, instead of `length`.', examples: ['50us'] }),
  mtu: mtu().default(9216).meta({ description: 'Largest payload of a frame; longer ones are lost.' }),
  queue: queueSize()
    .default('1MiB')
    .meta({ description: 'Bytes that wait at each end for their turn; what comes beyond is dropped.', examples: ['1MiB'] }),
  ecn: mapping(ecnNoun, {
    min: queueSize().meta({ description: 'From so many bytes in the queue on, packets may be marked.', examples: ['150KB'] }),
    max: queueSize().meta({ description: 'From so many on, all are.', examples: ['150KB'] }),
    probability: probability().default(1).meta({ description: 'Part of the packets marked just below `max`.' }),
  })
    .optional()
    .meta({ description: 'Marks packets when the queue grows (explicit congestion notification, RFC 3168).' }),
  faults: faultsSchema.prefault({}).meta({ description: 'What goes wrong on the link, by chance from `seed`.' }),
  down: yesNo().default(false).meta({ description: 'The link is cut when the fabric comes up.' }),
});

export const linkSchema = z.union(
  [ends().meta({ description: 'The two ports it joins.', examples: [['esx1:nic0', 'tor1:1']] }), longSchema],
  { error: linkNoun },
);

export type LinkDeclaration = z.output<typeof linkSchema>;
export type LongLinkDeclaration = z.output<typeof longSchema>;
