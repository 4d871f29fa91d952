/** Congestion controls by name: NewReno (RFC 5681, RFC 6582), CUBIC (RFC 9438), DCTCP (RFC 8257). */
import type { CongestionControl, CongestionControlName } from './control.ts';
import { cubic } from './cubic.ts';
import { dctcp } from './dctcp.ts';
import { newReno } from './new-reno.ts';

const MAKERS: Readonly<Record<CongestionControlName, () => CongestionControl>> = { 'new-reno': newReno, cubic, dctcp };

export const congestionControl = (name: CongestionControlName): CongestionControl => MAKERS[name]();
