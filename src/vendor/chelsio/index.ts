/**
 * Chelsio's drivers for ESXi 6.7, cxl (network) and cheiscsi (iSCSI and iSER), with their tool cxgbtool, as "Chelsio Unified Wire for VMware ESXi 6.7"
 * has them: parameters of modules, virtual functions, the order of loading. Switches, interfaces and iSCSI discovery are the room of esxcli.
 *
 * Names: ports are `vmnic4` as the host calls them; `max_vfs` goes by the adapters and ports in the order of `adapters`.
 */
import type { Dialect } from '../core/dialect.ts';
import { emit } from './emit.ts';
import { bus, commands, options, says } from './read.ts';

export const chelsio: Dialect = {
  name: 'chelsio',
  product: 'Chelsio Unified Wire for VMware ESXi 6.7',
  source: 'Chelsio Unified Wire for VMware ESXi 6.7, installation and user’s guide',
  kinds: ['host'],
  system: 'esxi',
  says,
  emit,
  outputs: [commands, options, bus],
};
