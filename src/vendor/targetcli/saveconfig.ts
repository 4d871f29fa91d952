/** The file that LIO is restored from when the system starts, as rtslib-fb 2.1 writes it: names sorted, two blanks a level. */
import type { Plan, PlannedChap, PlannedStore, PlannedTarget } from './plan.ts';

export function saveconfig({ stores, targets, discovery }: Plan): string {
  const config = {
    fabric_modules: discovery === undefined ? [] : [{ name: 'iscsi', discovery_enable_auth: true, ...chapOf('discovery_', discovery) }],
    storage_objects: stores.map(storeOf),
    targets: targets.map(targetOf),
  };
  return `${JSON.stringify(sorted(config), undefined, 2)}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([name, one]) => [name, sorted(one)]));
}

const chapOf = (prefix: 'chap_' | 'discovery_', { user, secret, mutual }: PlannedChap): object => ({
  [`${prefix}userid`]: user,
  [`${prefix}password`]: secret.text,
  ...(mutual === undefined ? {} : { [`${prefix}mutual_userid`]: mutual.user, [`${prefix}mutual_password`]: mutual.secret.text }),
});

const storeOf = ({ plugin, name, path, sizeBytes, serial, blockBytes, thin, readOnly }: PlannedStore): object => ({
  name,
  plugin,
  dev: path,
  size: sizeBytes,
  wwn: serial,
  ...(plugin === 'fileio' ? { write_back: false } : {}),
  ...(plugin === 'block' ? { readonly: readOnly, write_back: false } : {}),
  attributes: { block_size: blockBytes, emulate_tpu: thin ? 1 : 0, emulate_tpws: thin ? 1 : 0 },
});

function targetOf(target: PlannedTarget): object {
  const { name, groups, any, authentication } = target;
  return {
    fabric: 'iscsi',
    wwn: name,
    tpgs: groups.map(({ tag, portals }) => ({
      tag,
      enable: true,
      attributes: {
        authentication: authentication ? 1 : 0,
        generate_node_acls: any === undefined ? 0 : 1,
        ...(any === undefined ? {} : { demo_mode_write_protect: target.demoWriteProtect ? 1 : 0, cache_dynamic_acls: 1 }),
      },
      ...(target.alias === undefined ? {} : { parameters: { TargetAlias: target.alias.value } }),
      ...(any?.chap === undefined ? {} : chapOf('chap_', any.chap)),
      luns: target.luns.map(({ lun, store }) => ({ index: lun, storage_object: `/backstores/${store.plugin}/${store.name}` })),
      node_acls: target.acls.map(({ initiator, chap }) => ({
        node_wwn: initiator,
        mapped_luns: target.luns.map(({ lun, readOnly }) => ({ index: lun, tpg_lun: lun, write_protect: readOnly })),
        ...((chap !== undefined) === authentication ? {} : { attributes: { authentication: chap === undefined ? 0 : 1 } }),
        ...(chap === undefined ? {} : chapOf('chap_', chap)),
      })),
      portals: portals.map(({ host, port, iser }) => ({ ip_address: host.includes(':') ? `[${host}]` : host, port, iser, offload: false })),
    })),
  };
}
