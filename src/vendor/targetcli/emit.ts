/** Commands for the shell of targetcli, and the saveconfig.json that they end in. */
import { Emission } from '../core/emission.ts';
import type { DeclaredNode, Rendering } from '../core/dialect.ts';
import { addressText } from '../core/declared-storage.ts';
import { type Plan, planOf, type PlannedChap, type PlannedGroup, type PlannedStore, type PlannedTarget } from './plan.ts';
import { saveconfig } from './saveconfig.ts';

export function emit(node: DeclaredNode): Rendering {
  const emission = new Emission(node);
  const plan = planOf(emission);
  for (const store of plan.stores) emitStore(emission, store);
  for (const target of plan.targets) emitTarget(emission, target);
  emitDiscovery(emission, plan);
  if (emission.commands.length > 0) emission.command('saveconfig');
  verify(emission, plan);
  emission.files.push({ path: '/etc/target/saveconfig.json', text: saveconfig(plan) });
  return emission.rendering((key) =>
    ['portals', 'targets', 'discovery'].includes(key[0]!)
      ? 'LIO has no such setting.'
      : 'This is set up in the system, not in LIO: see the dialect `linux`.',
  );
}

function emitStore(emission: Emission, store: PlannedStore): void {
  const { plugin, name, path, sizeBytes, serial, from } = store;
  const parameters = [`name=${name}`];
  if (plugin === 'fileio') parameters.push(`file_or_dev=${path}`);
  if (plugin === 'block') parameters.push(`dev=${path}`);
  if (sizeBytes !== undefined) parameters.push(`size=${sizeBytes}`);
  if (plugin === 'fileio') parameters.push('write_back=false');
  if (store.readOnly) parameters.push('readonly=true');
  if (serial !== undefined) parameters.push(`wwn=${serial}`);
  const relative = path !== undefined && !path.startsWith('/') ? 'The path counts from where targetcli was started.' : undefined;
  emission.command(`/backstores/${plugin} create ${parameters.join(' ')}`, from, relative);
  const place = `/backstores/${plugin}/${name}`;
  if (store.blockBytes !== 512) emission.command(`${place} set attribute block_size=${store.blockBytes}`, from);
  if (store.thin) emission.command(`${place} set attribute emulate_tpu=1 emulate_tpws=1`, from);
}

function emitTarget(emission: Emission, target: PlannedTarget): void {
  const { name, from, groups } = target;
  emission.command(`/iscsi create wwn=${name}`, from);
  // It makes group 1, with a portal at all addresses.
  let hasFirst = true;
  if (groups.length > 0 && !groups.some(({ tag }) => tag === 1)) {
    emission.command(`/iscsi/${name} delete tag=1`, from);
    hasFirst = false;
  }
  for (const group of groups.length > 0 ? groups : [{ tag: 1, portals: [] }]) {
    if (group.tag !== 1 || !hasFirst) emission.command(`/iscsi/${name} create tag=${group.tag}`, from);
    emitGroup(emission, target, group);
  }
}

/** Portals that are wanted come last: before, nobody gets in. */
function emitGroup(emission: Emission, target: PlannedTarget, { tag, portals }: PlannedGroup): void {
  const place = `/iscsi/${target.name}/tpg${tag}`;
  emission.command(`${place}/portals delete ip_address=0.0.0.0 ip_port=3260`, target.from);
  const { any, authentication } = target;
  const attributes = [`authentication=${authentication ? 1 : 0}`, `generate_node_acls=${any === undefined ? 0 : 1}`];
  if (any !== undefined) attributes.push(`demo_mode_write_protect=${target.demoWriteProtect ? 1 : 0}`, 'cache_dynamic_acls=1');
  emission.command(`${place} set attribute ${attributes.join(' ')}`, any?.from ?? target.from);
  if (any?.chap !== undefined) emitChap(emission, `${place} set auth`, any.chap);
  if (target.alias !== undefined) emission.command(`${place} set parameter TargetAlias=${String(target.alias.value)}`, target.alias);
  for (const { lun, store, from } of target.luns)
    emission.command(
      `${place}/luns create storage_object=/backstores/${store.plugin}/${store.name} lun=${lun} add_mapped_luns=false`,
      from,
    );
  for (const { initiator, chap, from } of target.acls) {
    emission.command(`${place}/acls create wwn=${initiator} add_mapped_luns=false`, from);
    const acl = `${place}/acls/${initiator}`;
    for (const { lun, readOnly } of target.luns)
      emission.command(`${acl} create mapped_lun=${lun} tpg_lun_or_backstore=lun${lun} write_protect=${readOnly ? 1 : 0}`, from);
    if ((chap !== undefined) !== authentication)
      emission.command(
        `${acl} set attribute authentication=${chap === undefined ? 0 : 1}`,
        from,
        'This needs a kernel that knows authentication for single initiators.',
      );
    if (chap !== undefined) emitChap(emission, `${acl} set auth`, chap);
  }
  for (const { host, port, iser, from } of portals) {
    emission.command(`${place}/portals create ip_address=${host} ip_port=${port}`, from);
    if (iser) emission.command(`${place}/portals/${addressText({ host, port })} enable_iser boolean=true`, from);
  }
}

function emitChap(emission: Emission, command: string, { user, secret, mutual, from }: PlannedChap): void {
  const parameters = [`userid=${user}`, `password=${secret.text}`];
  if (mutual !== undefined) parameters.push(`mutual_userid=${mutual.user}`, `mutual_password=${mutual.secret.text}`);
  const note = [secret, ...(mutual === undefined ? [] : [mutual.secret])].map(({ text, note: whose }) => `${text} is ${whose}`).join('; ');
  emission.command(`${command} ${parameters.join(' ')}`, from, `${note}.`);
}

function emitDiscovery(emission: Emission, { discovery }: Plan): void {
  if (discovery === undefined) return;
  emitChap(emission, '/iscsi set discovery_auth', discovery);
  emission.command('/iscsi set discovery_auth enable=1', discovery.from);
}

/** As targetcli sums up each node of its tree. */
function verify(emission: Emission, { targets }: Plan): void {
  for (const target of targets)
    for (const { tag, portals } of target.groups) {
      const acls = target.any === undefined ? 'no-gen-acls' : 'gen-acls';
      const way = target.any === undefined ? 'auth per-acl' : 'tpg-auth';
      const sorted = portals.map(({ host, port }) => addressText({ host, port })).toSorted();
      emission.verify(
        `targetcli ls /iscsi/${target.name}/tpg${tag}`,
        `[${acls}, ${target.authentication ? way : 'no-auth'}`,
        `[ACLs: ${target.acls.length}]`,
        `[LUNs: ${target.luns.length}]`,
        `[Portals: ${portals.length}]`,
        ...sorted,
      );
      for (const { host, port, iser } of portals)
        if (iser) emission.verify(`targetcli ls /iscsi/${target.name}/tpg${tag}/portals/${addressText({ host, port })}`, '[iser]');
    }
}
