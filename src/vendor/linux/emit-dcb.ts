/**
 * Data Center Bridging of a port: `dcb` of iproute2 6.1 (dcb-pfc(8), dcb-ets(8), dcb-app(8), dcb-dcbx(8), dcb-buffer(8)); PFC, trust and who answers
 * DCBX by `mlnx_qos` where the adapter is of Mellanox.
 */
import type { Emission } from '../core/emission.ts';
import { type Protocol, protocolOf } from '../core/protocols.ts';
import type { PortPlace } from './names.ts';

const PRIORITIES = [0, 1, 2, 3, 4, 5, 6, 7];
const numbers = (value: unknown): readonly number[] => (Array.isArray(value) ? value.map(Number) : []);

export function emitDcb(emission: Emission, port: PortPlace): void {
  const key = ['nics', port.nic, 'dcb'];
  if (!emission.has(...key)) return;
  emitDcbx(emission, key, port);
  emitClasses(emission, key, port.name);
  const pfc = emission.take(...key, 'pfc');
  if (pfc !== undefined) {
    const on = numbers(pfc.value);
    const { name } = port;
    if (port.isMellanox)
      emission.command(`mlnx_qos -i ${name} --pfc ${PRIORITIES.map((one) => (on.includes(one) ? 1 : 0)).join(',')}`, pfc);
    else emission.command(`dcb pfc set dev ${name} prio-pfc ${['all:off', ...on.map((one) => `${one}:on`)].join(' ')}`, pfc);
  }
  emitTrust(emission, key, port);
  emitApplications(emission, key, port.name);
  emitBuffers(emission, key, port.name);
  emission.refuseAll('A host has no thresholds of its queues for it: switches mark.', ...key, 'marks');
}

const VERSIONS: Readonly<Record<string, string>> = { none: 'static', cee: 'cee', ieee: 'ieee', auto: 'cee ieee' };

function emitDcbx(emission: Emission, key: readonly string[], { name, isMellanox }: PortPlace): void {
  const version = emission.setting(...key, 'dcbx');
  const agents = emission.setting(...key, 'agents');
  const who = Array.isArray(agents?.value) ? agents.value.map(String) : [];
  if (who.includes('driver')) emission.refuse('Linux tells apart the host and the device alone (`host`, `lld-managed`).', ...key, 'agents');
  if (version?.value === 'cin') emission.refuse('Linux knows CEE and IEEE alone.', ...key, 'dcbx');
  const said = emission.take(...key, 'agents') ?? (version?.value === 'cin' ? undefined : version);
  const flags = VERSIONS[String(version?.value ?? 'ieee')] ?? 'ieee';
  if (said !== undefined && who.join() === 'firmware' && version === undefined && isMellanox)
    emission.command(`mlnx_qos -i ${name} -d fw`, said);
  else if (said !== undefined) {
    const engines = [...(who.includes('os') || who.length === 0 ? ['host'] : []), ...(who.includes('firmware') ? ['lld-managed'] : [])];
    emission.command(`dcb dcbx set dev ${name} ${[...engines, flags].join(' ')}`, emission.take(...key, 'dcbx') ?? said);
  }
  const willing = emission.take(...key, 'willing');
  if (willing !== undefined) emission.command(`dcb ets set dev ${name} willing ${willing.value === true ? 'on' : 'off'}`, willing);
}

/** Shares only where they are said: what the driver has for other classes stays. */
function emitClasses(emission: Emission, key: readonly string[], name: string): void {
  const classes = emission.names(...key, 'classes').map((number) => ({
    number,
    priorities: emission.take(...key, 'classes', number, 'priorities'),
    bandwidth: emission.take(...key, 'classes', number, 'bandwidth'),
    strict: emission.take(...key, 'classes', number, 'strict'),
  }));
  emission
    .names(...key, 'classes')
    .forEach((number) => emission.refuse('Classes of Linux have numbers, no names.', ...key, 'classes', number, 'name'));
  if (classes.length === 0) return;
  const algorithms = classes.flatMap(({ number, bandwidth, strict }) =>
    strict?.value === true ? `${number}:strict` : bandwidth === undefined ? [] : `${number}:ets`,
  );
  // The kernel wants the shares of all classes of one call to add up to 100.
  const shares = classes.flatMap(({ number, bandwidth, strict }) =>
    strict?.value === true || bandwidth === undefined ? [] : `${number}:${String(bandwidth.value)}`,
  );
  const priorities = classes.flatMap((one) => numbers(one.priorities?.value).map((priority) => `${priority}:${one.number}`));
  const parts = [
    algorithms.length === 0 ? '' : ` tc-tsa ${algorithms.join(' ')}`,
    shares.length === 0 ? '' : ` tc-bw all:0 ${shares.join(' ')}`,
    priorities.length === 0 ? '' : ` prio-tc ${priorities.join(' ')}`,
  ];
  emission.command(`dcb ets set dev ${name}${parts.join('')}`, classes[0]!.priorities ?? classes[0]!.bandwidth);
}

function emitTrust(emission: Emission, key: readonly string[], { name, isMellanox }: PortPlace): void {
  const trust = emission.setting(...key, 'trust');
  if (trust === undefined) return;
  if (!isMellanox)
    emission.refuse(
      '`dcb` of iproute2 6.1 has no words for it (`dcb apptrust` came later); with `mlnx_qos` only adapters of Mellanox.',
      ...key,
      'trust',
    );
  else if (trust.value === 'both') emission.refuse('`mlnx_qos --trust` takes `pcp` or `dscp`.', ...key, 'trust');
  else emission.command(`mlnx_qos -i ${name} --trust ${String(trust.value)}`, emission.take(...key, 'trust'));
}

const SELECTORS: Readonly<Record<Protocol['selector'], string>> = {
  ethertype: 'ethtype-prio',
  tcp: 'stream-port-prio',
  udp: 'dgram-port-prio',
  port: 'port-prio',
  dscp: 'dscp-prio',
  default: 'default-prio',
};

function emitApplications(emission: Emission, key: readonly string[], name: string): void {
  for (const written of emission.names(...key, 'applications')) {
    const protocol = protocolOf(written);
    if (protocol === undefined) emission.refuse('It has no one number that an entry could name.', ...key, 'applications', written);
    else if (protocol.selector === 'dscp')
      emission.refuse('Say it as `dscp`: an entry of it is the same to Linux.', ...key, 'applications', written);
    else {
      const entry = emission.take(...key, 'applications', written)!;
      const number = protocol.selector === 'ethertype' ? `0x${protocol.number.toString(16).padStart(4, '0')}` : `${protocol.number}`;
      const what = protocol.selector === 'default' ? String(entry.value) : `${number}:${String(entry.value)}`;
      emission.command(`dcb app replace dev ${name} ${SELECTORS[protocol.selector]} ${what}`, entry);
    }
  }
  for (const dscp of emission.names(...key, 'dscp')) {
    const entry = emission.take(...key, 'dscp', dscp)!;
    emission.command(`dcb app replace dev ${name} dscp-prio ${dscp}:${String(entry.value)}`, entry);
  }
}

function emitBuffers(emission: Emission, key: readonly string[], name: string): void {
  for (const buffer of emission.names(...key, 'buffers')) {
    const place = [...key, 'buffers', buffer];
    if (!/^[0-7]$/.test(buffer) || emission.peek(...place, 'direction') !== 'ingress') {
      emission.refuseAll('Buffers of a port are called 0 to 7 in Linux, and are those of what comes in.', ...place);
      continue;
    }
    const priorities = emission.take(...place, 'priorities');
    const reserved = emission.take(...place, 'reserved');
    const map = numbers(priorities?.value).map((priority) => `${priority}:${buffer}`);
    const parts = [
      map.length === 0 ? '' : ` prio-buffer ${map.join(' ')}`,
      reserved === undefined ? '' : ` buffer-size ${buffer}:${String(reserved.value)}b`,
    ];
    if (parts.join('') !== '') emission.command(`dcb buffer set dev ${name}${parts.join('')}`, emission.take(...place, 'direction'));
    emission.refuse('It follows from PFC of its priorities.', ...place, 'lossless');
    emission.refuseAll('The adapter has its own thresholds.', ...place);
  }
}
