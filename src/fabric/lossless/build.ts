/** Lossless Ethernet from the declaration as written to the model: a port's own settings over those of its machine or switch. */
import { isMistake, accepted } from '../parsed.ts';
import type { Path } from '../problem.ts';
import type { DcbDeclaration } from '../schema/dcb.ts';
import type { QosPolicyDeclaration } from '../schema/qos-policy.ts';
import type { RdmaDeclaration } from '../schema/rdma.ts';
import { parseSize } from '../size.ts';
import type { Application, Dcb, DscpPriority, Marking, PortBuffer, QosPolicy, Rdma, Said, TrafficClass } from './model.ts';

export interface WrittenDcb {
  readonly declared: DcbDeclaration | undefined;
  /** Where it stands in the file. */
  readonly at: Path;
}

/** `outer`: of the machine or the switch. */
export function buildDcb(inner: WrittenDcb, outer: WrittenDcb | undefined, original: (path: Path) => Path): Dcb {
  const said = <Key extends keyof DcbDeclaration, Value>(
    key: Key,
    read: (value: NonNullable<DcbDeclaration[Key]>, at: Path) => Value,
  ): Said<Value> | undefined => {
    for (const one of [inner, outer]) {
      const value = one?.declared?.[key];
      if (one === undefined || value === undefined || value === null) continue;
      const at = original([...one.at, key]);
      return { at, value: read(value as NonNullable<DcbDeclaration[Key]>, at) };
    }
    return undefined;
  };
  const pfc = said('pfc', (value) => (value === true ? outer?.declared?.pfc : value));
  return {
    dcbx: said('dcbx', same),
    willing: said('willing', same),
    agents: said('agents', (agents) => [...new Set(agents)]),
    trust: said('trust', same),
    pfc: buildPfc(pfc),
    openPfc: pfc !== undefined && (pfc.value === undefined || pfc.value === true) ? pfc.at : undefined,
    classes: said('classes', buildClasses),
    applications: said('applications', (list, at) => list.map((one, index): Application => ({ at: original([...at, index]), ...one }))),
    dscp: said('dscp', (map, at) => numbered(map).map(([dscp, priority]): DscpPriority => ({ at: [...at, `${dscp}`], dscp, priority }))),
    buffers: said('buffers', buildBuffers),
    marks: said('marks', (map, at) =>
      numbered(map).map(
        ([trafficClass, { min, max, probability }]): Marking => ({
          at: [...at, `${trafficClass}`],
          trafficClass,
          minBytes: bytesOf(min)!,
          maxBytes: bytesOf(max)!,
          probability,
        }),
      ),
    ),
  };
}

/** On without saying for what, here or around it, is as good as nothing said. */
function buildPfc(said: Said<DcbDeclaration['pfc']> | undefined): Dcb['pfc'] {
  if (said === undefined || said.value === undefined || said.value === true) return undefined;
  return { at: said.at, value: said.value === false ? [] : [...new Set(said.value)].toSorted((one, other) => one - other) };
}

const same = <Value>(value: Value): Value => value;

/** Keys that are no numbers are problems already. */
const numbered = <Value>(map: Readonly<Record<string, Value>>): [number, Value][] =>
  Object.entries(map).flatMap(([key, value]): [number, Value][] => (/^\d{1,2}$/.test(key) ? [[Number(key), value]] : []));

const bytesOf = (written: string | number | undefined): number | undefined => {
  if (written === undefined || written === 0) return written as 0 | undefined;
  const parsed = parseSize(written);
  return isMistake(parsed) ? undefined : accepted(parsed);
};

const buildClasses = (map: NonNullable<DcbDeclaration['classes']>, at: Path): TrafficClass[] =>
  numbered(map).map(([number, { priorities, bandwidth, strict, name }]) => ({
    at: [...at, `${number}`],
    number,
    priorities: [...new Set(priorities)].toSorted((one, other) => one - other),
    bandwidth,
    strict,
    name,
  }));

const buildBuffers = (map: NonNullable<DcbDeclaration['buffers']>, at: Path): PortBuffer[] =>
  Object.entries(map).map(([name, one]) => ({
    at: [...at, name],
    name,
    direction: one.direction,
    priorities: one.priorities,
    lossless: one.lossless,
    pool: one.pool,
    reservedBytes: bytesOf(one.reserved),
    xoffBytes: bytesOf(one.xoff),
    xonBytes: bytesOf(one.xon),
    alpha: one.alpha === undefined ? undefined : `${one.alpha}`,
  }));

export function buildRdma(declared: RdmaDeclaration | undefined, at: Path): Rdma | undefined {
  if (declared === undefined) return undefined;
  if (typeof declared === 'string')
    return { at, kind: declared, enabled: true, priority: undefined, dscp: undefined, mtuBytes: undefined, ecn: undefined };
  const { kind, enabled, priority, dscp, mtu, ecn } = declared;
  return { at, kind, enabled, priority, dscp, mtuBytes: mtu, ecn };
}

export const buildPolicies = (declared: Readonly<Record<string, QosPolicyDeclaration>>, at: Path): QosPolicy[] =>
  Object.entries(declared).map(([name, { match, priority, dscp }]) => ({ at: [...at, name], name, match, priority, dscp }));

/** What one place says, where there is nothing around it. */
export const saidAt = <Value>(value: Value | undefined, at: Path): Said<Value> | undefined =>
  value === undefined ? undefined : { at, value };
