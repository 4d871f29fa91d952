/** Which settings of the fabric file Linux has words for. */

const NIC: ReadonlySet<string> = new Set(['mac', 'mtu', 'speed', 'flowControl', 'addresses', 'dhcp', 'autoconfigure', 'sriov', 'vlans']);
const DCB: ReadonlySet<string> = new Set(['dcbx', 'willing', 'agents', 'trust', 'pfc', 'applications', 'dscp']);
const TEAM: ReadonlySet<string> = new Set([
  'nics',
  'mode',
  'hash',
  'lacpRate',
  'lacpActive',
  'active',
  'standby',
  'failback',
  'detection',
  'notifySwitches',
  'mac',
  'mtu',
  'vlans',
  'addresses',
  'dhcp',
  'autoconfigure',
]);
const OFFLOADS: ReadonlySet<string> = new Set([
  'checksum',
  'largeSend',
  'largeReceive',
  'encapsulated',
  'receiveQueues',
  'receiveBuffers',
  'sendBuffers',
]);
const RDMA: ReadonlySet<string> = new Set(['kind', 'enabled', 'dscp', 'ecn']);
const VIRTUAL_NIC: ReadonlySet<string> = new Set([
  'portGroup',
  'virtualSwitch',
  'vlan',
  'mac',
  'mtu',
  'addresses',
  'dhcp',
  'autoconfigure',
]);

export function says([section, , what, ...rest]: readonly string[]): boolean {
  if (section === 'routes' || section === 'drivers') return true;
  if (what === undefined) return false;
  if (section === 'teams') return TEAM.has(what);
  if (section === 'virtualNics') return VIRTUAL_NIC.has(what);
  if (section === 'virtualSwitches') return ['kind', 'uplinks', 'mtu', 'carried'].includes(what);
  if (section !== 'nics') return false;
  if (what === 'dcb') {
    if (rest[0] === 'classes') return rest[2] !== 'name';
    if (rest[0] === 'buffers') return ['direction', 'priorities', 'reserved'].includes(rest[2]!);
    return DCB.has(rest[0]!);
  }
  if (what === 'offloads') return OFFLOADS.has(rest[0]!);
  return what === 'rdma' ? RDMA.has(rest[0]!) : NIC.has(what);
}
