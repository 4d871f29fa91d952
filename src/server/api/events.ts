/** What happened, and what can happen. */
import { z } from 'zod';
import { type DeclaredEvent, declaredEvents } from '../../base/event.ts';
import { type LoggedEvent, SEVERITIES } from '../event-log.ts';
import { type Operation, operation } from './operation.ts';

export interface EventsAnswer {
  readonly fabric: string;
  /** Number of the oldest event that is kept. */
  readonly first: number;
  /** Number of the latest event; 0: there was none. */
  readonly last: number;
  /** In the order in which they came. */
  readonly events: readonly LoggedEvent[];
}

export interface EventKindsAnswer {
  readonly kinds: readonly DeclaredEvent[];
}

const EVENTS_MAX = 10_000;
const EVENTS_USUAL = 1000;

const severitySchema = z.enum(SEVERITIES);

const eventSchema = z.object({
  sequence: z.int().min(1),
  time: z.iso.datetime(),
  id: z.int(),
  name: z.string(),
  severity: severitySchema,
  source: z.string(),
  message: z.string(),
  data: z.record(z.string(), z.unknown()),
});

export const eventOperations: readonly Operation[] = [
  operation({
    method: 'GET',
    path: '/api/events',
    tag: 'events',
    summary: 'What happened, the latest last',
    description: 'The latest 10,000 events are kept. They are numbered from 1 without gaps.',
    input: z.strictObject({
      after: z.int().min(0).max(Number.MAX_SAFE_INTEGER).describe('Those after the event of this number.').optional(),
      limit: z.int().min(1).max(EVENTS_MAX).describe(`The latest so many; ${EVENTS_USUAL} where nothing is said.`).optional(),
      severity: severitySchema
        .describe('At least so severe; `info` where nothing is said, and of kinds that are asked for all.')
        .optional(),
      source: z.string().max(200).describe('What the source contains, in any case.').optional(),
      kind: z.array(z.string().min(1).max(100)).max(100).describe('Numbers or names of kinds of events.').optional(),
      text: z.string().max(200).describe('What the message contains, in any case.').optional(),
    }),
    example: { severity: 'warning', limit: 20 },
    answer: z.object({ fabric: z.string(), first: z.int(), last: z.int(), events: z.array(eventSchema) }),
    act: ({ fabric }, { kind, limit = EVENTS_USUAL, ...query }): EventsAnswer => ({
      fabric: fabric.name,
      first: fabric.events.first,
      last: fabric.events.last,
      events: fabric.events.find({ ...query, limit, kinds: kind }),
    }),
  }),
  operation({
    method: 'GET',
    path: '/api/event-kinds',
    tag: 'events',
    summary: 'What can happen: the kinds of events, with what they mean',
    input: z.strictObject({}),
    answer: z.object({
      kinds: z.array(
        z.object({
          id: z.int(),
          name: z.string(),
          severity: severitySchema,
          message: z.string().optional(),
          story: z.looseObject({ means: z.string(), remedy: z.string().optional() }).optional(),
        }),
      ),
    }),
    act: (): EventKindsAnswer => ({ kinds: [...declaredEvents.values()].toSorted((a, b) => a.id - b.id) }),
  }),
];
