/** What a command line names: a portal, a target or a logical unit, and the sessions that lead there. */
import { type IscsiUrl, parseIscsiUrl, parsePortal, type PortalAddress, portalText } from '../../storage/iscsi/initiator/index.ts';
import { discover, type FoundTarget, type IscsiOptions, IscsiSession } from '../../os/iscsi/index.ts';
import { UserError } from '../context.ts';

export const isIscsiUrl = (text: string): boolean => /^iscsi:\/\//i.test(text);

const FORM = 'The form is iscsi://[user@]host[:port]/target/lun.';

/** An iscsi:// URL, or a bare `host[:port]`. */
export function placeOf(text: string): IscsiUrl {
  if (isIscsiUrl(text)) {
    const url = parseIscsiUrl(text);
    if ('wrong' in url) throw new UserError(`This is no iSCSI URL: ${url.wrong}. ${FORM}`);
    return url;
  }
  const portal = parsePortal(text);
  if (portal === undefined) throw new UserError(`This is neither an iSCSI URL nor a portal: ${text.slice(0, 80)}. ${FORM}`);
  const { host, port } = portal;
  return { portal: { host, port }, user: undefined, secret: undefined, target: undefined, lun: undefined, options: new Map() };
}

/** Has to name a logical unit. */
export function unitPlaceOf(text: string): IscsiUrl & { readonly target: string; readonly lun: number } {
  const place = placeOf(text);
  const { target, lun } = place;
  if (target === undefined)
    throw new UserError(`${text} names no target and LUN. ${FORM} \`samewire iscsi ls ${portalText(place.portal)}\` lists them.`);
  if (lun === undefined) throw new UserError(`${text} names no LUN: put /0 behind it, or another that \`samewire iscsi ls\` shows.`);
  return { ...place, target, lun };
}

/** All targets of a portal, or the one that the place names. */
export async function targetsAt(place: IscsiUrl, text: string, options: IscsiOptions): Promise<readonly FoundTarget[]> {
  if (place.target === undefined) return discover(text, options);
  return [{ name: place.target, portals: [{ ...place.portal, groupTag: 1 }] }];
}

/** Where it was asked first, if the target is there too: other addresses may be for other networks. */
export function sessionAt(target: FoundTarget, place: IscsiUrl, options: IscsiOptions): Promise<IscsiSession> {
  const isAsked = (portal: PortalAddress): boolean => portal.host === place.portal.host && portal.port === place.portal.port;
  const portals = target.portals.toSorted((a, b) => Number(isAsked(b)) - Number(isAsked(a)));
  return IscsiSession.open(target.name, portals, options, place);
}
