/** Tells sessions apart. */
import type { SessionState } from '../../../src/server/page.ts';

export const sessionKey = ({ array, id }: Pick<SessionState, 'array' | 'id'>): string => `${array} ${id}`;
