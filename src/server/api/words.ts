/** Values that several operations take. */
import { z } from 'zod';

/** Name of a node, an adapter, a switch. */
export const nameInput = () => z.string().min(1).max(200);

/** A port: `tor1:1`. */
export const placeInput = () => z.string().min(1).max(200).describe('A node and its port, such as `esx1:nic0` or `tor1:1`.');

/** An iSCSI name has at most 223 bytes (RFC 7143 §4.2.7.1). */
export const iscsiNameInput = () => z.string().min(1).max(223);
