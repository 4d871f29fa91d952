/** An array's registration at an iSNS server (RFC 4171): as declared, as a model, and as a plan. */
import { type Nanos, SECOND } from '../base/clock.ts';
import { parseAnnounceAddress, type PortalAddress } from './address.ts';
import { parseDuration } from './duration.ts';
import type { Placed } from './model-parts.ts';
import { accepted } from './parsed.ts';
import type { Path } from './problem.ts';
import type { IsnsDeclaration } from './schema/isns.ts';

/** RFC 4171 §7.6. */
const ISNS_PORT = 3205;

export interface IsnsRegistration extends Placed {
  readonly server: PortalAddress;
  readonly entity: string | undefined;
  readonly periodNanos: Nanos | undefined;
  readonly inquiryNanos: Nanos | undefined;
}

export interface IsnsPlan {
  readonly server: { readonly host: string; readonly port: number };
  readonly entity: string;
  readonly periodSeconds: number | undefined;
  readonly inquirySeconds: number | undefined;
}

const nanosOf = (written: string | undefined): Nanos | undefined => (written === undefined ? undefined : accepted(parseDuration(written)));

export function buildIsns(declared: IsnsDeclaration | undefined, at: Path): IsnsRegistration | undefined {
  if (declared === undefined) return undefined;
  const { server, ...rest } = typeof declared === 'string' ? { server: declared } : declared;
  const { entity, period, inquiry }: { entity?: string | undefined; period?: string | undefined; inquiry?: string | undefined } = rest;
  return { at, server: accepted(parseAnnounceAddress(server)), entity, periodNanos: nanosOf(period), inquiryNanos: nanosOf(inquiry) };
}

const secondsOf = (nanos: Nanos | undefined): number | undefined => (nanos === undefined ? undefined : nanos / SECOND);

/** Undefined also where there is no target: then there is nothing to find, and nobody to register in the name of. */
export function planIsns(isns: IsnsRegistration | undefined, firstTarget: string | undefined): IsnsPlan | undefined {
  if (isns === undefined || firstTarget === undefined) return undefined;
  return {
    server: { host: isns.server.host, port: isns.server.port ?? ISNS_PORT },
    entity: isns.entity ?? firstTarget,
    periodSeconds: secondsOf(isns.periodNanos),
    inquirySeconds: secondsOf(isns.inquiryNanos),
  };
}
