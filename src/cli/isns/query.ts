/** `samewire isns query`: what an iSNS server shows to an initiator or target. */
import type { IsnsObject } from '../../os/isns/index.ts';
import { formatAddress } from '../../fabric/address.ts';
import { nodeTypeWords, protocolWords } from '../../wire/isns/index.ts';
import type { CommandContext } from '../context.ts';
import { count, plainLine } from '../plain-text.ts';
import { atServer, type IsnsCommandOptions } from './options.ts';

export const query = (server: string, options: IsnsCommandOptions, context: CommandContext): Promise<number> =>
  atServer(server, options, async (connection) => {
    const objects = await connection.everything();
    context.out(options.json === true ? `${JSON.stringify({ objects })}\n` : objectsText(objects, context));
    return 0;
  });

const portalOf = ({
  address,
  port,
}: {
  readonly address: string;
  readonly port: { readonly port: number; readonly transport: string };
}): string => `${formatAddress(address, port.port)}${port.transport === 'udp' ? '/udp' : ''}`;

/** A line an object; what belongs to an entity stands below it, as the server gave it. */
export function objectsText(objects: readonly IsnsObject[], { outColors }: Pick<CommandContext, 'outColors'>): string {
  if (objects.length === 0) return 'Nothing: nothing is registered, or nothing in a discovery domain of this name.\n';
  const lines = objects.map((object) => {
    switch (object.kind) {
      case 'entity':
        return `${outColors.bold(plainLine(object.identifier))}  ${outColors.dim(
          [
            ...(object.protocol === undefined ? [] : [protocolWords(object.protocol)]),
            ...(object.periodSeconds === undefined || object.periodSeconds === 0 ? [] : [`registered for ${object.periodSeconds} s`]),
          ].join(', '),
        )}`;
      case 'node': {
        const more = [...nodeTypeWords(object.type ?? 0), ...(object.alias === undefined ? [] : [`"${plainLine(object.alias)}"`])];
        return `  node    ${plainLine(object.name)}  ${outColors.dim([...more, ...authentication(object.authentication)].join(' '))}`;
      }
      case 'portal':
        return `  portal  ${portalOf(object)}  ${outColors.dim(plainLine(object.name ?? ''))}`;
      case 'group': {
        const place = object.tag === undefined ? 'not reached at' : `group ${object.tag} at`;
        return `  group   ${plainLine(object.node)} ${place} ${portalOf(object)}`;
      }
      case 'domain':
        return `domain ${object.id}  ${plainLine(object.name ?? '')}  ${object.members.map(plainLine).join(' ')}`;
      case 'domain set':
        return `domain set ${object.id}  ${plainLine(object.name ?? '')}  domains ${object.domains.join(' ')}`;
    }
  });
  const nodes = objects.filter((object) => object.kind === 'node').length;
  const portals = objects.filter((object) => object.kind === 'portal').length;
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n${count(nodes, 'node')}, ${count(portals, 'portal')}.\n`;
}

const authentication = (methods: string | undefined): string[] => (methods === undefined ? [] : [plainLine(methods)]);
