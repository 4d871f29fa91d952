/** `samewire isns register` and `deregister`: targets, initiators and portals made known to an iSNS server, and taken back. */
import { NODE_INITIATOR, NODE_TARGET } from '../../wire/isns/index.ts';
import type { Deregistered } from '../../storage/isns/index.ts';
import { type CommandContext, UserError } from '../context.ts';
import { count, plainLine } from '../plain-text.ts';
import { atServer, type IsnsCommandOptions, portalArgument } from './options.ts';

export interface RegisterOptions extends IsnsCommandOptions {
  readonly target?: readonly string[];
  readonly initiator?: readonly string[];
  readonly portal?: readonly string[];
  readonly entity?: string;
  readonly alias?: string;
  readonly period?: number;
  readonly replace?: boolean;
}

export function register(server: string, options: RegisterOptions, context: CommandContext): Promise<number> {
  const { target: targets = [], initiator: initiators = [], portal = [], entity, alias, period } = options;
  const first = targets[0] ?? initiators[0];
  if (first === undefined) throw new UserError('There is nothing to register: name a --target or an --initiator.');
  const portals = portal.map(portalArgument);
  const more = alias === undefined ? {} : { alias };
  const nodes = [
    ...targets.map((name) => ({ name, type: NODE_TARGET, ...more })),
    ...initiators.map((name) => ({ name, type: NODE_INITIATOR, ...more })),
  ];
  // RFC 4171 §5.6.1: in the name of a node of the entity.
  return atServer(server, { ...options, as: options.as ?? first }, async (connection) => {
    const registration = { identifier: entity, portals, nodes, ...(period === undefined ? {} : { periodSeconds: period }) };
    const registered = await connection.register(registration, options.replace === true);
    const { periodSeconds } = registered;
    if (options.json === true) context.out(`${JSON.stringify({ entity: registered.entity, periodSeconds: periodSeconds ?? null })}\n`);
    else {
      const until = periodSeconds === undefined || periodSeconds === 0 ? '' : `, for ${periodSeconds} s without a sign of life`;
      context.out(
        `Registered ${plainLine(registered.entity)}: ${count(nodes.length, 'node')}, ${count(portals.length, 'portal')}${until}.\n`,
      );
    }
    return 0;
  });
}

export interface DeregisterOptions extends IsnsCommandOptions {
  readonly entity?: readonly string[];
  readonly node?: readonly string[];
  readonly portal?: readonly string[];
}

export function deregister(server: string, options: DeregisterOptions, context: CommandContext): Promise<number> {
  const objects: Deregistered[] = [
    ...(options.entity ?? []).map((entity) => ({ entity })),
    ...(options.node ?? []).map((node) => ({ node })),
    ...(options.portal ?? []).map((portal) => ({ portal: portalArgument(portal) })),
  ];
  if (objects.length === 0) throw new UserError('There is nothing to deregister: name an --entity, a --node or a --portal.');
  return atServer(
    server,
    { ...options, ...(options.as === undefined && options.node !== undefined ? { as: options.node[0]! } : {}) },
    async (connection) => {
      await connection.deregister(objects);
      context.out(
        options.json === true
          ? `${JSON.stringify({ deregistered: objects.length })}\n`
          : `Deregistered ${count(objects.length, 'object')}.\n`,
      );
      return 0;
    },
  );
}
