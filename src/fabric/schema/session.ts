/** What an array allows its sessions: limits that protect it, and the bounds of what it negotiates (RFC 7143 §13). */
import { z } from 'zod';
import { SECOND } from '../../base/clock.ts';
import { parseDuration } from '../duration.ts';
import { isMistake, mistake, type Parsed } from '../parsed.ts';
import { parseSize } from '../size.ts';
import { choice, mapping, readBy, text, whole, yesNo } from './words.ts';

const durationNoun = 'a time such as `15s` or `500ms`';
export const duration = () => text(durationNoun, parseDuration);

/** RFC 7143 §13.12 to §13.14: 512 bytes to 2^24 - 1; more than 16 MiB less one no field can say. */
const SEGMENT_BYTES_MAX = 2 ** 24 - 1;

/** RFC 7143 §13.15-13.16: whole seconds, an hour at the most. */
const WAIT_SECONDS_MAX = 3600;

const wholeSeconds = (written: string): Parsed<number> => {
  const parsed = parseDuration(written);
  if (isMistake(parsed) || (parsed.value % SECOND === 0 && parsed.value <= WAIT_SECONDS_MAX * SECOND)) return parsed;
  return mistake(`\`${written}\` is out of range.`, 'Write whole seconds, `1h` at the most.');
};

const seconds = () => text(durationNoun, wholeSeconds);

const segmentSize = (written: string | number): Parsed<number> => {
  const parsed = parseSize(written);
  if (isMistake(parsed) || (parsed.value >= 512 && parsed.value <= SEGMENT_BYTES_MAX)) return parsed;
  return mistake(`\`${written}\` is out of range.`, 'Write a size from `512` bytes up to below `16MiB`.');
};

export const segment = () => z.union([z.string(), z.number()], { error: 'a size such as `256KiB`' }).superRefine(readBy(segmentSize));

export const limitsSchema = mapping('a mapping of limits', {
  sessions: whole('a whole number from 1 to 65535', 1, 65535).default(256).meta({ description: 'Sessions at a time, over all targets.' }),
  connectionsPerSession: whole('a whole number from 1 to 64', 1, 64)
    .default(4)
    .meta({ description: 'MaxConnections: connections of one session.' }),
  unfinishedLogins: whole('a whole number from 1 to 65535', 1, 65535)
    .default(64)
    .meta({ description: 'Connections at a time that have not logged in yet; when there are more, the oldest is closed.' }),
  commands: whole('a whole number from 1 to 4096', 1, 4096)
    .default(128)
    .meta({ description: 'Commands under way a session: the window between ExpCmdSN and MaxCmdSN.' }),
  loginTimeout: duration()
    .default('15s')
    .meta({ description: 'A connection that has not logged in by then is closed.', examples: ['15s'] }),
  pingAfter: duration().default('15s').meta({ description: 'A connection silent for so long is asked for a sign of life (NOP-In).' }),
  pingTimeout: duration().default('10s').meta({ description: 'A connection that does not answer in this time is closed.' }),
});

export const digestList = () =>
  z.array(choice(['none', 'crc32c']), { error: 'a list of `none` and `crc32c`' }).min(1, { error: 'a list with `none`, `crc32c` or both' });

const digestChoice = () => digestList().default(['none', 'crc32c']);

export const negotiationSchema = mapping('a mapping of negotiated values', {
  headerDigest: digestChoice().meta({ description: 'Header digests the target agrees to. `[crc32c]` alone demands one.' }),
  dataDigest: digestChoice().meta({ description: 'Data digests the target agrees to.' }),
  immediateData: yesNo().default(true).meta({ description: 'ImmediateData: data may ride in the command itself.' }),
  initialR2T: yesNo().default(false).meta({ description: 'InitialR2T: unsolicited data needs to be asked for.' }),
  maxOutstandingR2T: whole('a whole number from 1 to 65535', 1, 65535)
    .default(8)
    .meta({ description: 'MaxOutstandingR2T of one command.' }),
  maxReceiveSegment: segment().default('256KiB').meta({ description: 'MaxRecvDataSegmentLength that the target declares.' }),
  firstBurst: segment().default('256KiB').meta({ description: 'FirstBurstLength: unsolicited data of one command.' }),
  maxBurst: segment().default('1MiB').meta({ description: 'MaxBurstLength: data of one sequence.' }),
  errorRecoveryLevel: whole('0, 1 or 2', 0, 2).default(2).meta({
    description:
      'ErrorRecoveryLevel that the target agrees to, where the initiator asks for it: 0 ends the session when something is lost, 1 sends it again, 2 also lets tasks go on with another connection.',
  }),
  time2Wait: seconds()
    .default('0s')
    .meta({ description: 'DefaultTime2Wait: how long an initiator has to wait before it takes up a lost connection.' }),
  time2Retain: seconds()
    .default('20s')
    .meta({ description: 'DefaultTime2Retain: how long the tasks of a lost connection wait to be taken up, at level 2.' }),
});

export type LimitsDeclaration = z.output<typeof limitsSchema>;
export type NegotiationDeclaration = z.output<typeof negotiationSchema>;
