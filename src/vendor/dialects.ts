/** Every dialect there is. */
import type { Dialect } from './core/dialect.ts';
import { chelsio } from './chelsio/index.ts';
import { esxcli } from './esxcli/index.ts';
import { ios } from './ios/index.ts';
import { iscsiadm } from './iscsiadm/index.ts';
import { linux } from './linux/index.ts';
import { nxos } from './nxos/index.ts';
import { onyx } from './onyx/index.ts';
import { powershell } from './powershell/index.ts';
import { procurve } from './procurve/index.ts';
import { targetcli } from './targetcli/index.ts';

export const DIALECTS: readonly Dialect[] = [onyx, nxos, ios, procurve, linux, iscsiadm, esxcli, chelsio, powershell, targetcli];

export const dialectOf = (name: string): Dialect | undefined => DIALECTS.find((one) => one.name === name);
