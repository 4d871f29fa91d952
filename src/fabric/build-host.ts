/** From the plan of a host to what its adapters are told. Secrets, and the ports that were picked, are handed in. */
import type { ChapCredentials } from '../storage/iscsi/chap.ts';
import type { AdapterConfig, TargetAccess, TargetAddress } from '../storage/iscsi/adapter/index.ts';
import { defaultInitiatorLimits, type InitiatorLimits } from '../storage/iscsi/initiator/limits.ts';
import { type PortalAddress, portalText } from '../storage/iscsi/initiator/portal-address.ts';
import { defaultMultipathLimits, type MultipathLimits } from '../storage/multipath/limits.ts';
import { ALGORITHMS, digests } from './build.ts';
import type { MultipathChoice, Settings } from './host-model.ts';
import type { AdapterPlan, EndpointPlan, HostChapPlan } from './host-plan.ts';
import type { ChapPlan } from './plan.ts';

export interface HostBuildServices {
  readonly readSecret: (source: ChapPlan['secret']) => Uint8Array;
  /** Where an endpoint is now. */
  readonly resolve: (endpoint: EndpointPlan) => PortalAddress;
}

/** Throws what `readSecret` throws. */
export function adapterConfig(plan: AdapterPlan, services: HostBuildServices): AdapterConfig {
  // Read once, now: a secret that is missing is found before anybody logs in.
  const credentials = new Map<HostChapPlan, ChapCredentials>();
  const access = (chap: HostChapPlan | undefined, settings: Settings): TargetAccess => ({
    chap: chap === undefined ? undefined : credentials.get(chap),
    chapRequired: chap?.required === true || chap?.mutual !== undefined,
    limits: limitsOf(settings),
    key: JSON.stringify([chap, settings]),
  });
  for (const chap of [plan.chap, ...plan.servers.map((one) => one.chap), ...plan.targets.map((one) => one.chap)])
    if (chap !== undefined) credentials.set(chap, credentialsOf(chap, services));
  const servers = plan.servers.map((one) => ({ ...one, address: services.resolve(one.server) }));
  const targets = plan.targets.map((one) => ({ ...one, address: one.address === undefined ? undefined : services.resolve(one.address) }));
  const given = (target: TargetAddress): (typeof targets)[number] | undefined => {
    const named = targets.filter(({ name }) => name === target.name);
    const exact = named.find(({ address }) => address !== undefined && portalText(address) === portalText(target.address));
    return exact ?? named.find(({ address }) => address === undefined);
  };
  return {
    initiatorName: plan.initiator,
    initiatorAlias: plan.alias,
    servers: servers.map(({ address, chap, changes }) => {
      const settings = { ...plan.settings, ...changes };
      return { address, access: chap === undefined ? whereAsked(access(plan.chap, settings)) : access(chap, settings) };
    }),
    targets: targets.flatMap(({ name, address }) => (address === undefined ? [] : [{ name, address }])),
    accessOf: (target, server) => {
      const own = given(target);
      const by = servers.find(({ address }) => portalText(address) === server);
      return access(own?.chap ?? by?.chap ?? plan.chap, { ...plan.settings, ...by?.changes, ...own?.changes });
    },
  };
}

/** What an adapter has for its targets, a server is given if it asks: it has no secret of a target to prove itself with. */
function whereAsked(access: TargetAccess): TargetAccess {
  if (access.chap === undefined) return access;
  const { mutual: _, ...chap } = access.chap;
  return { ...access, chap, chapRequired: false };
}

const credentialsOf = (chap: HostChapPlan, { readSecret }: HostBuildServices): ChapCredentials => ({
  user: chap.user,
  secret: readSecret(chap.secret),
  algorithms: chap.algorithms.map((name) => ALGORITHMS[name]),
  ...(chap.mutual === undefined ? {} : { mutual: { user: chap.mutual.user, secret: readSecret(chap.mutual.secret) } }),
});

const limitsOf = (settings: Settings): InitiatorLimits => ({
  ...defaultInitiatorLimits,
  commandsInFlight: settings.commands,
  loginTimeoutNanos: settings.loginTimeoutNanos,
  commandTimeoutNanos: settings.commandTimeoutNanos,
  pingAfterNanos: settings.pingAfterNanos,
  pingTimeoutNanos: settings.pingTimeoutNanos,
  headerDigest: digests(settings.headerDigest),
  dataDigest: digests(settings.dataDigest),
  initialR2T: settings.initialR2T,
  immediateData: settings.immediateData,
  maxReceiveDataSegmentBytes: settings.maxReceiveSegmentBytes,
  maxBurstBytes: settings.maxBurstBytes,
  firstBurstBytes: settings.firstBurstBytes,
  maxOutstandingR2T: settings.maxOutstandingR2T,
  maxConnections: settings.connections,
  errorRecoveryLevel: settings.errorRecoveryLevel,
});

export const multipathLimits = ({ policy, noPathNanos, failbackNanos, checkNanos }: MultipathChoice): MultipathLimits => ({
  ...defaultMultipathLimits,
  policy,
  noPathNanos,
  failbackNanos,
  checkNanos,
});
