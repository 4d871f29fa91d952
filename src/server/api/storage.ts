/** Arrays of a fabric: who is logged in, what the logical units do, and what can be done to either. */
import { z } from 'zod';
import { SECOND } from '../../base/clock.ts';
import type { UnitReport } from '../../os/running.ts';
import { sessionOrigins } from '../view/session-origins.ts';
import type { SessionState } from '../view/state.ts';
import { NotFound, type Operation, operation, type Served } from './operation.ts';
import { nameInput } from './words.ts';

export interface SessionsAnswer {
  readonly fabric: string;
  readonly sessions: readonly SessionState[];
}

export interface UnitsAnswer {
  readonly fabric: string;
  readonly units: readonly UnitReport[];
}

export interface AccessAnswer {
  readonly fabric: string;
  readonly array: string;
  readonly group: number;
  readonly access: string;
  /** Logical units that the group has. */
  readonly units: number;
}

/** States that a group can be put into (SPC-5 §5.17.2); through `transitioning` it goes by itself. */
export const GROUP_ACCESS = ['active-optimized', 'active-nonoptimized', 'standby', 'unavailable'] as const;
/** IMPLICIT TRANSITION TIME has one byte of seconds (SPC-4 §6.37). */
const TRANSITION_NANOS_MAX = 255 * SECOND;
/** Portal group tags have 16 bits (RFC 7143 §13.9). */
const GROUP_MAX = 65_535;

const sessionSchema = z.looseObject({
  array: z.string(),
  id: z.int(),
  target: z.string().optional(),
  initiator: z.string(),
  remotes: z.array(z.string()),
  authentication: z.enum(['none', 'chap', 'mutual-chap']),
  commandsUnderWay: z.int(),
  from: z.string().optional(),
});
const sessionsSchema = z.object({ fabric: z.string(), sessions: z.array(sessionSchema) });

const unitSchema = z.looseObject({
  array: z.string(),
  target: z.string(),
  lun: z.int(),
  store: z.enum(['memory', 'file']),
  bytes: z.int(),
  readCommands: z.int(),
  writeCommands: z.int(),
});

function sessionsOf({ fabric }: Served): SessionsAnswer {
  const originOf = sessionOrigins(fabric)();
  return { fabric: fabric.name, sessions: fabric.arrays.sessions().map((session) => ({ ...session, from: originOf(session) })) };
}

const listed = (words: readonly (string | number)[]): string => (words.length === 0 ? 'none' : words.join(', '));

function arrayOf({ fabric }: Served, name: string): Served['fabric']['plans']['arrays'][number] {
  const found = fabric.plans.arrays.find((array) => array.name === name);
  if (found === undefined)
    throw new NotFound(`There is no array ${name}; there are ${listed(fabric.plans.arrays.map((one) => one.name))}.`);
  return found;
}

export const storageOperations: readonly Operation[] = [
  operation({
    method: 'GET',
    path: '/api/sessions',
    tag: 'storage',
    summary: 'Sessions at the arrays, discovery among them',
    input: z.strictObject({}),
    answer: sessionsSchema,
    act: sessionsOf,
  }),
  operation({
    method: 'GET',
    path: '/api/units',
    tag: 'storage',
    summary: 'Logical units with their counters since the start',
    input: z.strictObject({}),
    answer: z.object({ fabric: z.string(), units: z.array(unitSchema) }),
    act: ({ fabric }): UnitsAnswer => ({ fabric: fabric.name, units: fabric.arrays.units() }),
  }),
  operation({
    method: 'POST',
    path: '/api/sessions/end',
    tag: 'storage',
    summary: 'End a session at its array',
    description:
      'As if its connections were lost: no logout, and what it had under way is aborted. The initiator may log in anew, which most do at once.',
    input: z.strictObject({
      array: nameInput(),
      session: z.int().min(1).max(Number.MAX_SAFE_INTEGER).describe('Its `id`.'),
    }),
    example: { array: 'array1', session: 1 },
    answer: sessionsSchema,
    act(served, { array, session }): SessionsAnswer {
      arrayOf(served, array);
      if (!served.fabric.arrays.endSession(array, session)) {
        const ids = served.fabric.arrays.sessions().flatMap((one) => (one.array === array ? [one.id] : []));
        throw new NotFound(`${array} has no session ${session}; it has ${listed(ids)}.`);
      }
      return sessionsOf(served);
    },
  }),
  operation({
    method: 'POST',
    path: '/api/arrays/access',
    tag: 'storage',
    summary: 'Move a portal group to another access state',
    description: 'Implicit asymmetric access (SPC-5 §5.17): every initiator is told by a unit attention.',
    input: z.strictObject({
      array: nameInput(),
      group: z.int().min(1).max(GROUP_MAX).describe('Portal group tag.'),
      access: z.enum(GROUP_ACCESS),
      preferred: z.boolean().describe('As it was where nothing is said.').optional(),
      transitionNanos: z.int().min(0).max(TRANSITION_NANOS_MAX).describe('So long the group is in transition first.').optional(),
    }),
    example: { array: 'array1', group: 1, access: 'standby' },
    answer: z.object({ fabric: z.string(), array: z.string(), group: z.int(), access: z.enum(GROUP_ACCESS), units: z.int() }),
    act(served, { array, group, access, preferred, transitionNanos }): AccessAnswer {
      const { portals } = arrayOf(served, array);
      const change = {
        access,
        ...(preferred === undefined ? {} : { preferred }),
        ...(transitionNanos === undefined ? {} : { transitionNanos }),
      };
      const units = served.fabric.arrays.setAccess(array, group, change);
      if (units === 0) {
        const groups = [...new Set(portals.map((portal) => portal.group))];
        throw new NotFound(`No logical unit of ${array} is reached by a portal group ${group}; it has ${listed(groups)}.`);
      }
      return { fabric: served.fabric.name, array, group, access, units };
    },
  }),
];
