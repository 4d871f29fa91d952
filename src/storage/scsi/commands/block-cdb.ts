/** CDBs of the block commands: where address and length stand in their 10, 12 and 16 byte forms (SBC-4 §5), and their usage maps. */
import { be16, be32, be64 } from '../../../base/bytes.ts';

export interface BlockRange {
  readonly lba: number;
  readonly blocks: number;
}

export const range10 = (cdb: Uint8Array): BlockRange => ({ lba: be32(cdb, 2), blocks: be16(cdb, 7) });
export const range12 = (cdb: Uint8Array): BlockRange => ({ lba: be32(cdb, 2), blocks: be32(cdb, 6) });
export const range16 = (cdb: Uint8Array): BlockRange => ({ lba: be64(cdb, 2), blocks: be32(cdb, 10) });

const ones = (count: number): readonly number[] => Array.from({ length: count }, () => 0xff);
/** GROUP NUMBER, which we take and do nothing with (SBC-4 §4.22), and NACA of the CONTROL byte. */
const GROUP = 0x3f;
const CONTROL = 0x04;

/** Usage maps; `flags` are the bits of CDB byte 1 that the command evaluates. */
export const usage10 = (code: number, flags: number): readonly number[] => [code, flags, ...ones(4), GROUP, ...ones(2), CONTROL];
export const usage12 = (code: number, flags: number): readonly number[] => [code, flags, ...ones(8), GROUP, CONTROL];
export const usage16 = (code: number, flags: number): readonly number[] => [code, flags, ...ones(12), GROUP, CONTROL];

/** DISABLE PAGE OUT, bit 4 of CDB byte 1: a hint for a cache of which we have none of our own. */
export const DPO = 0x10;
