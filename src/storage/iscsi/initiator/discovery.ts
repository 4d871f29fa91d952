/** SendTargets discovery (RFC 7143 §4.3, appendix C): a discovery session that asks which targets there are, and where, and logs out. */
import type { EventSink } from '../../../base/event.ts';
import { hex } from '../../../base/bytes.ts';
import { CLOSE_SESSION } from '../../../wire/iscsi/control.ts';
import type { KeyValues } from '../../../wire/iscsi/key-value.ts';
import type { ChapCredentials } from '../chap.ts';
import { InitiatorConnection } from './connection.ts';
import type { ConnectionOwner, ConnectionServices } from './connection-types.ts';
import { type InitiatorError, initiatorError } from './errors.ts';
import { raiseError } from './error-events.ts';
import { redirected } from './events.ts';
import { type InitiatorLimits, initiatorOffer } from './limits.ts';
import { parsePortal, type PortalAddress, portalText } from './portal-address.ts';
import { nextRequestTag } from './task-table.ts';

export interface TargetPortal extends PortalAddress {
  /** Portals of one group can serve one session together (RFC 7143 §4.4.1). */
  readonly groupTag: number;
}

export interface FoundTarget {
  readonly name: string;
  /** Where the target says it is; without any, at the portal that was asked. */
  readonly portals: readonly TargetPortal[];
}

export interface DiscoveryPlan {
  readonly initiatorName: string;
  readonly initiatorAlias: string | undefined;
  readonly portal: PortalAddress;
  readonly chap: ChapCredentials | undefined;
  readonly chapRequired: boolean;
  /** One target by name; undefined: all of them. */
  readonly only?: string;
}

/** RFC 7143 §4.2.7.1. */
const NAME_BYTES_MAX = 223;

/** The targets of an answer to SendTargets; undefined if it can't be one. Addresses that are none are left out. */
export function targetsOf(records: KeyValues, asked: PortalAddress): readonly FoundTarget[] | undefined {
  const found: { name: string; portals: TargetPortal[] }[] = [];
  for (const [key, value] of records) {
    if (key === 'TargetName') {
      if (value === '' || value.length > NAME_BYTES_MAX) return undefined;
      found.push({ name: value, portals: [] });
    } else if (key === 'TargetAddress') {
      const portal = parsePortal(value);
      if (found.length === 0) return undefined;
      if (portal !== undefined) found.at(-1)!.portals.push({ host: portal.host, port: portal.port, groupTag: portal.groupTag ?? 1 });
    }
  }
  // RFC 7143 appendix C: no address means the one that was asked.
  return found.map((target) => (target.portals.length === 0 ? { ...target, portals: [{ ...asked, groupTag: 1 }] } : target));
}

export type DiscoveryDone = (targets: readonly FoundTarget[] | undefined, error: InitiatorError | undefined) => void;

/** Asks; `done` runs once, with the targets or with what went wrong. The function returned gives up. */
export function discoverTargets(
  plan: DiscoveryPlan,
  limits: InitiatorLimits,
  services: ConnectionServices & { readonly events: EventSink },
  done: DiscoveryDone,
): () => void {
  const source = portalText(plan.portal);
  let command = 0;
  let tag = 0;
  let redirects = 0;
  let over = false;
  let connection: InitiatorConnection;
  const finish = (targets: readonly FoundTarget[] | undefined, error: InitiatorError | undefined): void => {
    if (over) return;
    over = true;
    if (error !== undefined) raiseError(services.events, source, error, false);
    done(targets, error);
  };
  const owner: ConnectionOwner = {
    // RFC 7143 §7.4.1: a discovery session has error recovery level 0.
    recovery: undefined,
    get commandSequenceNumber() {
      return command;
    },
    takeCommandNumber: () => {
      const taken = command;
      command = (command + 1) >>> 0;
      return taken;
    },
    nextTag: () => {
      tag = nextRequestTag(tag);
      return tag;
    },
    findTask: () => undefined,
    handleNumbers: () => {},
    handleLoggedIn: (joined) => {
      joined.ask(`SendTargets=${plan.only ?? 'All'}\0`, (records) => {
        const targets = targetsOf(records, plan.portal);
        if (targets === undefined) return joined.fail('pdu-invalid', 'the answer to SendTargets is no list of targets');
        // What was asked for is here; whether the farewell is answered changes nothing.
        joined.logout(CLOSE_SESSION, () => finish(targets, undefined));
      });
    },
    handleRedirected: (from, address, permanently) => {
      redirects += 1;
      if (redirects > limits.redirects)
        return finish(undefined, initiatorError('redirect-loop', 'the discovery server sends us on for ever'));
      redirected(services.events, source, { from: portalText(from.address), to: portalText(address), permanently });
      open(address);
    },
    handleAnswer: () => {},
    handleManaged: () => {},
    handleReject: (from, reason, header) => from.fail('rejected', `the target rejected a request (reason ${reason})`, hex(header)),
    handleAsyncMessage: (from) => from.fail('dropped-by-target', 'the target ends the discovery session'),
    handleBatchEnd: () => {},
    handleLost: (_, error) => finish(undefined, error),
  };
  const open = (address: PortalAddress): void => {
    command = services.rng.uint32();
    const login = {
      initiatorName: plan.initiatorName,
      initiatorAlias: plan.initiatorAlias,
      targetName: undefined,
      isid: `80${hex(services.rng.fill(new Uint8Array(5)))}`,
      tsih: 0,
      connectionId: 0,
      commandSequenceNumber: command,
      chap: plan.chap,
      chapRequired: plan.chapRequired,
      offer: { ...initiatorOffer(limits), headerDigest: ['None'] as const, dataDigest: ['None'] as const, errorRecoveryLevel: 0 },
    };
    connection = new InitiatorConnection(services, limits, owner, login, address);
    connection.open();
  };
  open(plan.portal);
  return () => {
    over = true;
    connection.close();
  };
}
