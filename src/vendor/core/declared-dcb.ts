/** What the declaration says of Data Center Bridging at one place, as settings. */
import type { Dcb } from '../../fabric/lossless/model.ts';
import { protocolWord } from './protocols.ts';
import type { Key, Sayings } from './say.ts';

export function sayDcb(sayings: Sayings, key: Key, dcb: Dcb): void {
  sayings.said([...key, 'dcbx'], dcb.dcbx);
  sayings.said([...key, 'willing'], dcb.willing);
  sayings.said([...key, 'agents'], dcb.agents);
  sayings.said([...key, 'trust'], dcb.trust);
  sayings.said([...key, 'pfc'], dcb.pfc);
  for (const one of dcb.classes?.value ?? []) {
    const place = [...key, 'classes', `${one.number}`];
    sayings.say([...place, 'priorities'], one.priorities, one.at);
    sayings.say([...place, 'bandwidth'], one.bandwidth, [...one.at, 'bandwidth']);
    if (one.strict) sayings.say([...place, 'strict'], true, [...one.at, 'strict']);
    sayings.say([...place, 'name'], one.name, [...one.at, 'name']);
  }
  for (const { at, protocol, priority } of dcb.applications?.value ?? [])
    sayings.say([...key, 'applications', protocolWord(protocol)], priority, at);
  for (const { at, dscp, priority } of dcb.dscp?.value ?? []) sayings.say([...key, 'dscp', `${dscp}`], priority, at);
  for (const one of dcb.buffers?.value ?? []) {
    const place = [...key, 'buffers', one.name];
    sayings.say([...place, 'direction'], one.direction, one.at);
    sayings.say([...place, 'priorities'], one.priorities, [...one.at, 'priorities']);
    sayings.say([...place, 'lossless'], one.lossless, one.at);
    sayings.say([...place, 'pool'], one.pool, [...one.at, 'pool']);
    sayings.say([...place, 'reserved'], one.reservedBytes, [...one.at, 'reserved']);
    sayings.say([...place, 'xoff'], one.xoffBytes, [...one.at, 'xoff']);
    sayings.say([...place, 'xon'], one.xonBytes, [...one.at, 'xon']);
    sayings.say([...place, 'alpha'], one.alpha, [...one.at, 'alpha']);
  }
  for (const one of dcb.marks?.value ?? []) {
    const place = [...key, 'marks', `${one.trafficClass}`];
    sayings.say([...place, 'min'], one.minBytes, [...one.at, 'min']);
    sayings.say([...place, 'max'], one.maxBytes, [...one.at, 'max']);
    sayings.say([...place, 'probability'], one.probability, [...one.at, 'probability']);
  }
}
