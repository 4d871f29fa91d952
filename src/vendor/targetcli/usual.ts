/** What LIO (Linux 4.0 to 6.8) sets by itself: only what is something else was somebody's choice, and is shown. */

/** Of the device under a store, or follows from other settings. */
const DERIVED = [
  'block_size',
  'emulate_tpu',
  'emulate_tpws',
  'emulate_write_cache',
  'is_nonrot',
  'max_unmap_block_desc_count',
  'max_unmap_lba_count',
  'max_write_same_len',
  'optimal_sectors',
  'queue_depth',
  'unmap_granularity',
  'unmap_granularity_alignment',
  'unmap_zeroes_data',
];

const ZEROS = [
  'emulate_rest_reord',
  'emulate_ua_intlck_ctrl',
  'force_pr_aptpl',
  'pi_prot_format',
  'pi_prot_type',
  'pi_prot_verify',
  'submit_type',
];
const ONES = [
  'alua_support',
  'emulate_3pc',
  'emulate_caw',
  'emulate_dpo',
  'emulate_fua_read',
  'emulate_fua_write',
  'emulate_model_alias',
  'emulate_pr',
  'emulate_rsoc',
  'emulate_tas',
  'enforce_pr_isids',
  'pgr_support',
];

/** `undefined` stands for whatever it is. */
type Usual = ReadonlyMap<string, string | undefined>;

export const STORE_ATTRIBUTES: Usual = new Map<string, string | undefined>([
  ...DERIVED.map((name) => [name, undefined] as const),
  ...ZEROS.map((name) => [name, '0'] as const),
  ...ONES.map((name) => [name, '1'] as const),
]);

export const GROUP_ATTRIBUTES: Usual = new Map<string, string | undefined>([
  ['authentication', undefined],
  ['generate_node_acls', undefined],
  // They count for initiators only that LIO does not know by name.
  ['demo_mode_write_protect', undefined],
  ['cache_dynamic_acls', undefined],
  ['default_cmdsn_depth', '64'],
  ['default_erl', '0'],
  ['demo_mode_discovery', '1'],
  ['fabric_prot_type', '0'],
  ['login_keys_workaround', '1'],
  ['login_timeout', '15'],
  ['netif_timeout', '2'],
  ['prod_mode_write_protect', '0'],
  ['t10_pi', '0'],
  ['tpg_enabled_sendtargets', '1'],
]);

export const ACL_ATTRIBUTES: Usual = new Map<string, string | undefined>([
  ['authentication', undefined],
  ['dataout_timeout', '3'],
  ['dataout_timeout_retries', '5'],
  ['default_erl', '0'],
  ['nopin_response_timeout', '30'],
  ['nopin_timeout', '15'],
  ['random_datain_pdu_offsets', '0'],
  ['random_datain_seq_offsets', '0'],
  ['random_r2t_offsets', '0'],
]);

export const GROUP_PARAMETERS: Usual = new Map<string, string | undefined>([
  // It follows from `authentication`.
  ['AuthMethod', undefined],
  ['TargetAlias', undefined],
  ['DataDigest', 'CRC32C,None'],
  ['DataPDUInOrder', 'Yes'],
  ['DataSequenceInOrder', 'Yes'],
  ['DefaultTime2Retain', '20'],
  ['DefaultTime2Wait', '2'],
  ['ErrorRecoveryLevel', '0'],
  ['FirstBurstLength', '65536'],
  ['HeaderDigest', 'CRC32C,None'],
  ['IFMarkInt', 'Reject'],
  ['IFMarker', 'No'],
  ['ImmediateData', 'Yes'],
  ['InitialR2T', 'Yes'],
  ['MaxBurstLength', '262144'],
  ['MaxConnections', '1'],
  ['MaxOutstandingR2T', '1'],
  ['MaxRecvDataSegmentLength', '8192'],
  ['MaxXmitDataSegmentLength', '262144'],
  ['OFMarkInt', 'Reject'],
  ['OFMarker', 'No'],
]);

/** Whether LIO sets it so by itself. */
export const isUsual = (usual: Usual, name: string, value: string): boolean => usual.has(name) && (usual.get(name) ?? value) === value;
