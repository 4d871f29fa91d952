/** `samewire iscsi discover`: which targets there are at a portal, or known to an iSNS server, and where each is reached. */
import { portalText } from '../../storage/iscsi/initiator/index.ts';
import { discover as askPortal, type FoundTarget } from '../../os/iscsi/index.ts';
import { discoverByIsns } from '../../os/isns/index.ts';
import { type CommandContext, UserError } from '../context.ts';
import { count, plainLine } from '../plain-text.ts';
import { explained } from './failure.ts';
import { type ConnectionOptions, iscsiOptionsOf } from './options.ts';

export interface DiscoverCommandOptions extends ConnectionOptions {
  /** Address of an iSNS server. */
  readonly isns?: string;
}

export function discover(portal: string | undefined, options: DiscoverCommandOptions, context: CommandContext): Promise<number> {
  if ((portal === undefined) === (options.isns === undefined))
    throw new UserError('Who shall be asked: a portal, or an iSNS server with --isns?');
  return explained(async () => {
    const targets = portal === undefined ? await askServer(options) : await askPortal(portal, iscsiOptionsOf(options, context));
    if (options.json === true) context.out(`${JSON.stringify({ targets: targets.map(targetJson) })}\n`);
    else context.out(targetsText(targets, context));
    return 0;
  });
}

const askServer = ({ isns, initiator, timeout }: DiscoverCommandOptions): Promise<readonly FoundTarget[]> =>
  discoverByIsns(isns!, {
    ...(initiator === undefined ? {} : { initiatorName: initiator }),
    ...(timeout === undefined ? {} : { timeoutMilliseconds: timeout * 1000 }),
  });

export const targetJson = ({ name, portals }: FoundTarget): Record<string, unknown> => ({
  name,
  portals: portals.map((portal) => ({ address: portalText(portal), host: portal.host, port: portal.port, group: portal.groupTag })),
});

function targetsText(targets: readonly FoundTarget[], { outColors }: CommandContext): string {
  if (targets.length === 0) return 'No targets: there are none, or none that this initiator may see.\n';
  let text = '';
  for (const target of targets) {
    text += `${outColors.bold(plainLine(target.name))}\n`;
    for (const portal of target.portals) text += `  ${plainLine(portalText(portal))}  ${outColors.dim(`group ${portal.groupTag}`)}\n`;
  }
  return `${text}${count(targets.length, 'target')}.\n`;
}
