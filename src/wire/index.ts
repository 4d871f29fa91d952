/** What bytes mean: the iSCSI PDU codecs (RFC 7143), SCSI sense data and status codes (SPC-5, SAM-5). Pure functions, no state. */
export * from './iscsi/basic-header.ts';
export * from './iscsi/control.ts';
export * from './iscsi/data.ts';
export { describePdu } from './iscsi/describe.ts';
export * from './iscsi/key-value.ts';
export * from './iscsi/login.ts';
export { getLun, putLun } from './iscsi/lun.ts';
export * from './iscsi/scsi-command.ts';
export * from './scsi/capacity-data.ts';
export * as isns from './isns/index.ts';
export * as cdbs from './scsi/cdb.ts';
export * from './scsi/inquiry-data.ts';
export * from './scsi/lun-list.ts';
export * from './scsi/port-groups-data.ts';
export * from './scsi/sense.ts';
export * from './scsi/status.ts';
export { decodeTransportId, encodeIscsiTransportId, type TransportId } from './scsi/transport-id.ts';
export { DecodeError } from '../base/bytes.ts';
