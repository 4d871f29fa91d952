/** What a path is asked before it is used, and from time to time (SPC-4 §6.6, §6.37, §6.47, §7.8.6). */
import { DecodeError } from '../../base/bytes.ts';
import { inquiry, reportTargetPortGroups, testUnitReady } from '../../wire/scsi/cdb.ts';
import { decodeDesignators, decodeStandardInquiry, type Designator } from '../../wire/scsi/inquiry-data.ts';
import { decodePortGroupsReport, type PortGroupsReport } from '../../wire/scsi/port-groups-data.ts';
import { describeSense, type Sense } from '../../wire/scsi/sense.ts';
import { describeStatus, STATUS_CHECK_CONDITION, STATUS_CONDITION_MET, STATUS_GOOD } from '../../wire/scsi/status.ts';
import { judge, type Judgement, senseOf } from './judge.ts';
import type { PathAnswer, PathLink, UnitCommand } from './path-link.ts';

/** Sends one command by the path; `then` gets its answer, or undefined if there was none. */
export type Ask = (
  cdb: Uint8Array,
  data: { readonly inBytes?: number; readonly out?: Uint8Array },
  then: (answer: PathAnswer | undefined) => void,
) => void;

/** UNIT ATTENTIONs that may stand before the answer to a question. */
const ATTENTION_RETRIES = 8;
const UNIT_ATTENTION = 6;

const INQUIRY_BYTES = 96;
const PAGE_BYTES = 1020;
const GROUPS_BYTES = 1024;
const GROUPS_BYTES_MAX = 64 * 1024;
export const NO_ANSWER = 'the unit does not answer';

/** Sends a command of multipath's own, past the UNIT ATTENTIONs in its way; `then` always runs, with undefined if no answer came. */
export function sendBy<Answer extends PathAnswer>(
  link: PathLink<Answer>,
  command: UnitCommand,
  then: (answer: PathAnswer | undefined) => void,
): void {
  let left = ATTENTION_RETRIES;
  const send = (): void =>
    void link.submit(command, (answer, end) => {
      if (end !== 'answered') return then(undefined);
      if (left === 0 || !isAttention(answer)) return then(answer);
      left -= 1;
      send();
    });
  send();
}

/** UNIT ATTENTION, in either format (SPC-4 §4.5). */
function isAttention({ status, sense }: PathAnswer): boolean {
  if (status !== STATUS_CHECK_CONDITION || sense.length < 3) return false;
  const response = sense[0]! & 0x7f;
  return ((response === 0x72 || response === 0x73 ? sense[1]! : sense[2]!) & 0x0f) === UNIT_ATTENTION;
}

/** What a path leads to. */
export interface PathFacts {
  readonly designators: readonly Designator[];
  /** TPGS: bit 0 implicit, bit 1 explicit asymmetric access. */
  readonly access: number;
  readonly group: number | undefined;
  readonly relativePort: number | undefined;
}

export const isGood = (answer: PathAnswer): boolean => answer.status === STATUS_GOOD || answer.status === STATUS_CONDITION_MET;

/** For people. */
export function describeAnswer(answer: PathAnswer | undefined): string {
  if (answer === undefined) return NO_ANSWER;
  const sense = senseOf(answer);
  return sense === undefined ? describeStatus(answer.status) : describeSense(sense);
}

/** INQUIRY, twice: `done` gets what it leads to, or why it leads nowhere. */
export function askFacts(ask: Ask, done: (facts: PathFacts | string) => void): void {
  ask(inquiry(undefined, INQUIRY_BYTES), { inBytes: INQUIRY_BYTES }, (standard) => {
    const inquired = read(standard, decodeStandardInquiry);
    if (typeof inquired === 'string') return done(`INQUIRY: ${inquired}`);
    // PERIPHERAL QUALIFIER 001b is not wrong: units have it at ports that are unavailable (SPC-4 §5.16.2.4.5).
    if (inquired.qualifier === 3 || inquired.deviceType === 0x1f) return done('there is no such logical unit');
    ask(inquiry(0x83, PAGE_BYTES), { inBytes: PAGE_BYTES }, (page) => {
      const designators = read(page, decodeDesignators);
      if (typeof designators === 'string') return done(`the unit does not tell its name: ${designators}`);
      const port = (kind: Designator['kind']): number | undefined => {
        const found = designators.find((designator) => designator.kind === kind && designator.of === 'port');
        return found === undefined ? undefined : Number(found.value);
      };
      done({ designators, access: inquired.targetPortGroups, group: port('port-group'), relativePort: port('relative-port') });
    });
  });
}

function read<Value extends object>(answer: PathAnswer | undefined, decode: (bytes: Uint8Array) => Value): Value | string {
  if (answer === undefined || !isGood(answer)) return describeAnswer(answer);
  try {
    return decode(answer.data);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return `an answer that can't be read (${error.message})`;
  }
}

/** TEST UNIT READY: what it says of the path, or undefined if nothing came. */
export function askReady(ask: Ask, done: (said: Judgement | 'good' | undefined) => void): void {
  ask(testUnitReady(), {}, (answer) => done(answer === undefined ? undefined : isGood(answer) ? 'good' : judge(answer)));
}

export type GroupsAnswer =
  | { readonly type: 'report'; readonly report: PortGroupsReport }
  /** Too busy with a transition to tell (SPC-4 §5.16.2.5). */
  | { readonly type: 'transition' }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'lost' };

/** Reads the access states of all port groups; remembers which form the device knows. */
export class GroupsReader {
  #extended = true;

  read(ask: Ask, done: (answer: GroupsAnswer) => void): void {
    this.#read(ask, GROUPS_BYTES, done);
  }

  #read(ask: Ask, bytes: number, done: (answer: GroupsAnswer) => void): void {
    const extended = this.#extended;
    ask(reportTargetPortGroups(bytes, extended), { inBytes: bytes }, (answer) => {
      if (answer === undefined) return done({ type: 'lost' });
      if (!isGood(answer)) {
        const said = judge(answer);
        if (said.type === 'access' && said.state === 'transitioning') return done({ type: 'transition' });
        // SPC-3 knows no extended header, and calls its bit an invalid field.
        if (extended && keyOf(answer) === 'ILLEGAL REQUEST') {
          this.#extended = false;
          return this.#read(ask, bytes, done);
        }
        return done({ type: 'refused', reason: describeAnswer(answer) });
      }
      const report = read(answer, (data) => decodePortGroupsReport(data, extended));
      if (typeof report === 'string') {
        if (!extended) return done({ type: 'refused', reason: report });
        this.#extended = false;
        return this.#read(ask, bytes, done);
      }
      if (report.wholeBytes > bytes && bytes < GROUPS_BYTES_MAX)
        return this.#read(ask, Math.min(report.wholeBytes, GROUPS_BYTES_MAX), done);
      done({ type: 'report', report });
    });
  }
}

const keyOf = (answer: PathAnswer): Sense['key'] | undefined =>
  answer.status === STATUS_CHECK_CONDITION ? senseOf(answer)?.key : undefined;
