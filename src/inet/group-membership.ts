/**
 * Which multicast groups an interface wants, told to the routers and switches of its link: the host's part of IGMP (RFC 1112, RFC 2236,
 * RFC 3376 §5) and of MLD (RFC 2710, RFC 3810 §6), one machine for both, which are one protocol made for two families. Groups are wanted from
 * any source.
 */
import { assert } from '../base/assert.ts';
import { type Clock, MILLISECOND, type Nanos, SECOND, type Timer } from '../base/clock.ts';
import { below, type Rng } from '../base/rng.ts';
import { addressKey, type IpAddress } from '../wire/ip/address.ts';
import { CHANGE_TO_EXCLUDE, CHANGE_TO_INCLUDE, type GroupRecord, MODE_IS_EXCLUDE } from '../wire/ip/group-record.ts';

/** In IGMP's count: MLD version 1 is IGMP version 2, and MLD version 2 is IGMP version 3. */
export type MembershipVersion = 1 | 2 | 3;

/** How a membership speaks. */
export interface MembershipVoice {
  /** False: nobody would hear it. */
  readonly carrier: boolean;
  /** A report of version 3, of `RECORDS_MAX` records at most. */
  report(records: readonly GroupRecord[]): void;
  /** The messages of older versions, for one group. */
  reportOne(group: IpAddress, version: 1 | 2): void;
  leaveOne(group: IpAddress): void;
}

interface Member {
  readonly group: IpAddress;
  /** Who asked for it; 0: it was left, and that is still to be told. */
  users: number;
  /** How often its coming or going is still to be told. */
  changesLeft: number;
  /** When a query is answered for it; Infinity: none waits. */
  answerAt: Nanos;
}

export interface MembershipCounters {
  queries: number;
  reports: number;
  /** Queries and reports that are none of ours, or that nobody could have sent. */
  ignored: number;
}

/** RFC 3376 §8.1 and §8.11, RFC 3810 §9.1 and §9.11: what changes is told twice, within a second. */
const ROBUSTNESS = 2;
const UNSOLICITED_REPORT_MILLISECONDS = 1000;
/** RFC 3376 §8.12, RFC 3810 §9.12 with the default query interval and response time: so long an old querier is believed to be there. */
const OLDER_QUERIER_NANOS: Nanos = (ROBUSTNESS * 125 + 10) * SECOND;
const GROUPS_MAX = 1024;
/** Records of one report: 60 of IPv6 fit the smallest MTU. */
export const RECORDS_MAX = 60;

export class GroupMembership {
  readonly counters: MembershipCounters = { queries: 0, reports: 0, ignored: 0 };
  readonly #voice: MembershipVoice;
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #members = new Map<string, Member>();
  /** Until when queriers of versions 1 and 2 are believed to be there. */
  #version1Until: Nanos = Number.NEGATIVE_INFINITY;
  #version2Until: Nanos = Number.NEGATIVE_INFINITY;
  /** When changes are told again. */
  #changesAt: Nanos = Number.POSITIVE_INFINITY;
  #timer: Timer | undefined;
  #timerAt: Nanos = Number.POSITIVE_INFINITY;

  constructor(voice: MembershipVoice, clock: Clock, rng: Rng) {
    this.#voice = voice;
    this.#clock = clock;
    this.#rng = rng;
  }

  /** RFC 3376 §7.2.1: the oldest that a querier of the link spoke lately. */
  get version(): MembershipVersion {
    const now = this.#clock.now();
    return now < this.#version1Until ? 1 : now < this.#version2Until ? 2 : 3;
  }

  /** Groups that somebody here wants. */
  get groups(): IpAddress[] {
    return [...this.#members.values()].filter(({ users }) => users > 0).map(({ group }) => group);
  }

  join(group: IpAddress): void {
    const key = addressKey(group);
    let member = this.#members.get(key);
    if (member === undefined) {
      assert(this.#members.size < GROUPS_MAX, 'an interface has a bound on its groups');
      member = { group: group.slice(), users: 0, changesLeft: 0, answerAt: Number.POSITIVE_INFINITY };
      this.#members.set(key, member);
    }
    member.users += 1;
    if (member.users === 1) this.#change(member);
  }

  leave(group: IpAddress): void {
    const member = this.#members.get(addressKey(group));
    if (member === undefined || member.users === 0) return;
    member.users -= 1;
    if (member.users === 0) this.#change(member);
  }

  /** The link is there, or gone: whoever is at its other end has not heard of us. */
  handleCarrier(up: boolean): void {
    this.#forgetPending(up ? ROBUSTNESS : 0);
    this.#version1Until = Number.NEGATIVE_INFINITY;
    this.#version2Until = Number.NEGATIVE_INFINITY;
    if (up) this.#tellChanges();
    else this.#wake();
  }

  /** Tells of everything anew: who heard it before could not believe it. */
  tellAgain(): void {
    this.#forgetPending(ROBUSTNESS);
    this.#tellChanges();
  }

  #forgetPending(changesLeft: number): void {
    for (const [key, member] of this.#members) {
      member.answerAt = Number.POSITIVE_INFINITY;
      member.changesLeft = changesLeft;
      if (member.users === 0) this.#members.delete(key);
    }
    this.#changesAt = Number.POSITIVE_INFINITY;
  }

  /** `group` undefined: all are asked for. */
  handleQuery(version: MembershipVersion, group: IpAddress | undefined, responseMilliseconds: number): void {
    this.counters.queries += 1;
    const now = this.#clock.now();
    const before = this.version;
    if (version === 1) this.#version1Until = now + OLDER_QUERIER_NANOS;
    if (version === 2) this.#version2Until = now + OLDER_QUERIER_NANOS;
    // RFC 3376 §7.2.1: what waits to be told in another version's words is not told.
    if (this.version !== before) this.#forgetPending(0);
    if (group === undefined) {
      // RFC 3376 §5.2: one answer for all of them; RFC 2236 §3: one for each, each at its own time.
      const together = now + this.#delay(responseMilliseconds);
      for (const member of this.#members.values())
        this.#answer(member, this.version === 3 ? together : now + this.#delay(responseMilliseconds));
    } else {
      const member = this.#members.get(addressKey(group));
      if (member !== undefined) this.#answer(member, now + this.#delay(responseMilliseconds));
    }
    this.#wake();
  }

  /** Another host wants the group: in versions that ask for one answer only, ours is not needed (RFC 2236 §3, RFC 2710 §4). */
  handleReport(group: IpAddress): void {
    const member = this.#members.get(addressKey(group));
    if (member === undefined || this.version === 3) return;
    member.answerAt = Number.POSITIVE_INFINITY;
  }

  #delay(milliseconds: number): Nanos {
    return below(this.#rng, milliseconds + 1) * MILLISECOND;
  }

  /** An answer that is under way sooner serves this question too (RFC 3376 §5.2). */
  #answer(member: Member, at: Nanos): void {
    if (member.users > 0) member.answerAt = Math.min(member.answerAt, at);
  }

  #change(member: Member): void {
    // RFC 3376 §5.1: told at once, and again; with what changed before and was not told often enough.
    member.changesLeft = ROBUSTNESS;
    this.#tellChanges();
  }

  #tellChanges(): void {
    if (!this.#voice.carrier) return;
    const changed = [...this.#members.values()].filter(({ changesLeft }) => changesLeft > 0);
    const { version } = this;
    for (const member of changed) {
      member.changesLeft -= 1;
      if (version !== 3) this.#tellOne(member, version);
    }
    if (version === 3) this.#report(changed, (member) => (member.users > 0 ? CHANGE_TO_EXCLUDE : CHANGE_TO_INCLUDE));
    for (const [key, { users, changesLeft }] of this.#members) if (users === 0 && changesLeft === 0) this.#members.delete(key);
    const again = changed.some(({ changesLeft }) => changesLeft > 0);
    this.#changesAt = again ? this.#clock.now() + MILLISECOND + this.#delay(UNSOLICITED_REPORT_MILLISECONDS - 1) : Number.POSITIVE_INFINITY;
    this.#wake();
  }

  #tellOne(member: Member, version: 1 | 2): void {
    this.counters.reports += 1;
    if (member.users > 0) return this.#voice.reportOne(member.group, version);
    // Once is enough, and version 1 knows no leaving (RFC 2236 §4).
    member.changesLeft = 0;
    if (version === 2) this.#voice.leaveOne(member.group);
  }

  #report(members: readonly Member[], typeOf: (member: Member) => number): void {
    for (let first = 0; first < members.length; first += RECORDS_MAX) {
      this.counters.reports += 1;
      const part = members.slice(first, first + RECORDS_MAX);
      this.#voice.report(part.map((member) => ({ type: typeOf(member), group: member.group, sources: [] })));
    }
  }

  #tellAnswers(now: Nanos): void {
    const due = [...this.#members.values()].filter(({ answerAt }) => answerAt <= now);
    for (const member of due) member.answerAt = Number.POSITIVE_INFINITY;
    const wanted = due.filter(({ users }) => users > 0);
    const { version } = this;
    if (version === 3) this.#report(wanted, () => MODE_IS_EXCLUDE);
    else for (const member of wanted) this.#tellOne(member, version);
  }

  #wake(): void {
    let at = this.#changesAt;
    for (const { answerAt } of this.#members.values()) at = Math.min(at, answerAt);
    if (at === this.#timerAt) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAt = at;
    if (at === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#clock.after(Math.max(0, at - this.#clock.now()), () => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      const now = this.#clock.now();
      if (this.#changesAt <= now) this.#tellChanges();
      this.#tellAnswers(now);
      this.#wake();
    });
  }
}
