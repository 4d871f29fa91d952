/** Port Timers (IEEE 802.1D-2004 §17.22): once a second, all timers of a port go down by one. */
import type { TreePort } from './variables.ts';

const down = (value: number): number => Math.max(0, value - 1);

export function tickPort(port: TreePort): void {
  port.helloWhen = down(port.helloWhen);
  port.tcWhile = down(port.tcWhile);
  port.fdWhile = down(port.fdWhile);
  port.rcvdInfoWhile = down(port.rcvdInfoWhile);
  port.rrWhile = down(port.rrWhile);
  port.rbWhile = down(port.rbWhile);
  port.mdelayWhile = down(port.mdelayWhile);
  port.edgeDelayWhile = down(port.edgeDelayWhile);
  port.txCount = down(port.txCount);
}
