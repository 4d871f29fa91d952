/** Asymmetric logical unit access of an array's portal groups (SPC-4 §5.16.2): which way to its disks is the short one. */
import { z } from 'zod';
import { choice, mapping, whole, yesNo } from './words.ts';

/** The states a device can be declared in; `transitioning` and `offline` are states that it passes through. */
export const DECLARED_ACCESS = ['active-optimized', 'active-nonoptimized', 'standby', 'unavailable'] as const;

export const groupsSchema = z.array(
  mapping('a mapping with `group` and `access`', {
    group: whole('a whole number from 1 to 65535', 1, 65535).meta({ description: 'The `group` of one or more portals.' }),
    access: choice(DECLARED_ACCESS).default('active-optimized').meta({
      description:
        'Access to the disks through the group: the best, one that works but is slower, or none before an initiator or the array makes it active.',
    }),
    preferred: yesNo().default(false).meta({ description: 'The array prefers this group, whatever its state.' }),
  }),
  { error: 'a list of portal groups such as `- { group: 2, access: standby }`' },
);
