/** What the two ends of a link can run at: a switch's port at anything up to its speed, an adapter's at what its model knows. */
import { nicSpeeds } from './nic-speeds.ts';
import type { Machine, Nic, SwitchPort } from './model.ts';

/** Undefined: any up to `most`, in bits a second; infinity where nothing is known. */
export interface PortSpeeds {
  readonly these: readonly number[] | undefined;
  readonly most: number;
}

export const switchPortSpeeds = (port: SwitchPort): PortSpeeds => ({ these: undefined, most: port.rateBitsPerSecond });

export function adapterPortSpeeds(machine: Machine, nic: Nic): PortSpeeds {
  const these = nic.rateBitsPerSecond === undefined ? nicSpeeds(machine, nic) : [nic.rateBitsPerSecond];
  return { these, most: these?.at(-1) ?? Number.POSITIVE_INFINITY };
}

/** The highest that both can; undefined: there is none. */
export function commonSpeed(one: PortSpeeds, other: PortSpeeds): number | undefined {
  if (one.these === undefined) return other.these === undefined ? Math.min(one.most, other.most) : commonSpeed(other, one);
  return one.these.findLast((speed) => (other.these === undefined ? speed <= other.most : other.these.includes(speed)));
}
