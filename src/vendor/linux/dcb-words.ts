/** Data Center Bridging of a port, from whichever program says it, as settings. What drivers have by default is quiet. */
import type { Found } from '../core/found.ts';
import { type Protocol, protocolName } from '../core/protocols.ts';
import { tell } from './link.ts';

export interface EtsClass {
  readonly number: number;
  readonly priorities: readonly number[];
  readonly algorithm: string | undefined;
  readonly bandwidth: number | undefined;
}

const dcbOf = (nic: string): readonly string[] => ['nics', nic, 'dcb'];

export function tellPfc(found: Found, line: number, nic: string, priorities: readonly number[]): void {
  tell(found, line, [...dcbOf(nic), 'pfc'], priorities, priorities.length === 0);
}

/** A class without priorities carries nothing; shares that nobody set are those of a driver. */
export function tellClasses(found: Found, line: number, nic: string, classes: readonly EtsClass[]): void {
  for (const { number, priorities, algorithm, bandwidth } of classes) {
    if (priorities.length === 0) continue;
    const key = [...dcbOf(nic), 'classes', `${number}`];
    const quiet = algorithm !== 'ets';
    tell(found, line, [...key, 'priorities'], priorities, quiet);
    if (algorithm === 'ets') tell(found, line, [...key, 'bandwidth'], bandwidth);
    if (algorithm === 'strict') tell(found, line, [...key, 'strict'], true, true);
  }
}

export function tellApplication(found: Found, line: number, nic: string, protocol: Protocol, priority: number): void {
  if (protocol.selector === 'dscp') tell(found, line, [...dcbOf(nic), 'dscp', `${protocol.number}`], priority);
  else tell(found, line, [...dcbOf(nic), 'applications', protocolName(protocol)], priority);
}

export interface DcbxFlags {
  readonly host: boolean;
  readonly device: boolean;
  readonly cee: boolean;
  readonly ieee: boolean;
  readonly isStatic: boolean;
}

export function tellDcbx(found: Found, line: number, nic: string, { host, device, cee, ieee, isStatic }: DcbxFlags): void {
  const version = isStatic ? 'none' : cee && ieee ? 'auto' : cee ? 'cee' : ieee ? 'ieee' : undefined;
  tell(found, line, [...dcbOf(nic), 'dcbx'], version, version === 'ieee');
  const agents = [...(device ? ['firmware'] : []), ...(host ? ['os'] : [])];
  if (agents.length > 0) tell(found, line, [...dcbOf(nic), 'agents'], agents, true);
}

export function tellWilling(found: Found, line: number, nic: string, willing: boolean): void {
  tell(found, line, [...dcbOf(nic), 'willing'], willing, true);
}

export function tellBuffer(
  found: Found,
  line: number,
  nic: string,
  number: number,
  priorities: readonly number[] | undefined,
  bytes: number | undefined,
  quiet: boolean,
): void {
  const key = [...dcbOf(nic), 'buffers', `${number}`];
  tell(found, line, [...key, 'direction'], 'ingress', quiet);
  tell(found, line, [...key, 'priorities'], priorities, quiet);
  tell(found, line, [...key, 'reserved'], bytes, quiet);
}
