/** The initiator from code: `await using disk = await connectIscsi('iscsi://192.0.2.1/iqn.../0')`, and who else is there. */
import {
  discoverTargets,
  type FoundTarget,
  type IscsiUrl,
  parseIscsiUrl,
  parsePortal,
  type PortalAddress,
} from '../../storage/iscsi/initiator/index.ts';
import { systemRng } from '../system-rng.ts';
import { wallClock } from '../wall-clock.ts';
import { BlockDevice } from './block-device.ts';
import { errorOf, usageError } from './iscsi-error.ts';
import { deferToTurnEnd, IscsiSession } from './iscsi-session.ts';
import { credentialsOf, dialOf, eventsOf, initiatorNameOf, type IscsiOptions, limitsOf } from './options.ts';

/** Throws an IscsiError. */
export function urlOf(text: string): IscsiUrl {
  const url = parseIscsiUrl(text);
  if ('wrong' in url) throw usageError(`This is no iSCSI URL: ${url.wrong}. The form is iscsi://[user@]host[:port]/target/lun.`);
  return url;
}

/** Logs in and opens one logical unit; closing the device logs out. Rejects with an IscsiError. */
export async function connectIscsi(url: string, options: IscsiOptions = {}): Promise<BlockDevice> {
  const parsed = urlOf(url);
  if (parsed.target === undefined || parsed.lun === undefined)
    throw usageError('The URL names no target and LUN: iscsi://host[:port]/target/lun.');
  const session = await IscsiSession.open(parsed.target, [parsed.portal], options, parsed);
  try {
    return await BlockDevice.open(session, parsed.lun, options.signal, true);
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Logs in to the URL's target, whatever LUN it names. Rejects with an IscsiError. */
export async function openIscsiSession(url: string, options: IscsiOptions = {}): Promise<IscsiSession> {
  const parsed = urlOf(url);
  if (parsed.target === undefined) throw usageError('The URL names no target: iscsi://host[:port]/target.');
  return IscsiSession.open(parsed.target, [parsed.portal], options, parsed);
}

export interface DiscoverOptions extends IscsiOptions {
  /** One target, instead of all. */
  readonly target?: string;
}

/** Asks a portal for its targets (SendTargets): `host[:port]`, or an iscsi:// URL. Rejects with an IscsiError. */
export function discover(portal: string, options: DiscoverOptions = {}): Promise<readonly FoundTarget[]> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const { address, url } = addressOf(portal);
    const { credentials, required } = credentialsOf(options, url);
    const only = options.target ?? url?.target;
    const giveUp = discoverTargets(
      {
        initiatorName: initiatorNameOf(options),
        initiatorAlias: options.initiatorAlias,
        portal: address,
        chap: credentials,
        chapRequired: required,
        ...(only === undefined ? {} : { only }),
      },
      limitsOf(options, url),
      { clock: wallClock(), rng: systemRng, dial: dialOf(options), defer: deferToTurnEnd, events: eventsOf(options) },
      (targets, error) => {
        signal?.removeEventListener('abort', abort);
        if (error === undefined) resolve(targets!);
        else reject(errorOf(error));
      },
    );
    const abort = (): void => {
      giveUp();
      reject(signal!.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
  });
}

function addressOf(portal: string): { readonly address: PortalAddress; readonly url: IscsiUrl | undefined } {
  if (/^iscsi:\/\//i.test(portal)) {
    const url = urlOf(portal);
    return { address: url.portal, url };
  }
  const address = parsePortal(portal);
  if (address === undefined)
    throw usageError(`This is no portal: ${portal.slice(0, 80)}. The form is host, host:port or [IPv6 address]:port.`);
  return { address: { host: address.host, port: address.port }, url: undefined };
}
