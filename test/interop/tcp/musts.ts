/** Scripts of what RFC 9293 demands, each with the names of its appendix B. They are the same for Linux and for us. */
import type { Conversation } from './conversation.ts';

export interface MustScript {
  /** `MUST-10`, `SHLD-3`, or the clause where it has no name. */
  readonly names: string;
  readonly title: string;
  /** How Linux deviates, where it does; the script says by `subject.name` what it does instead. */
  readonly linux?: string;
  readonly run: (talk: Conversation) => Promise<void>;
}

export const isLinux = ({ subject }: Conversation): boolean => subject.name === 'Linux';
