/** What an adapter of a host offers at login and how long it waits (RFC 7143 §13), for all its targets or for one. */
import type { z } from 'zod';
import { digestList, duration, segment } from './session.ts';
import { mapping, whole, yesNo } from './words.ts';

const settingsNoun = 'a mapping of settings';
const commandsNoun = 'a whole number from 1 to 4096';
const connectionsNoun = 'a whole number from 1 to 64';

/** Every key is optional: what is not said for a target holds as the adapter has it, and what the adapter does not say has a default. */
export const settingsSchema = mapping(settingsNoun, {
  headerDigest: digestList().optional().meta({
    description: 'Header digests offered, the preferred first. `[crc32c]` alone insists on one. By default `[none, crc32c]`.',
  }),
  dataDigest: digestList().optional().meta({ description: 'Data digests offered, the preferred first. By default `[none, crc32c]`.' }),
  immediateData: yesNo().optional().meta({ description: 'ImmediateData: data may ride in the command itself. By default `true`.' }),
  initialR2T: yesNo().optional().meta({ description: 'InitialR2T: unsolicited data needs to be asked for. By default `false`.' }),
  maxOutstandingR2T: whole('a whole number from 1 to 65535', 1, 65535)
    .optional()
    .meta({ description: 'MaxOutstandingR2T of one command. By default 8.' }),
  maxReceiveSegment: segment()
    .optional()
    .meta({ description: 'MaxRecvDataSegmentLength that the adapter declares. By default `256KiB`.', examples: ['256KiB'] }),
  firstBurst: segment()
    .optional()
    .meta({ description: 'FirstBurstLength: unsolicited data of one command. By default `256KiB`.', examples: ['256KiB'] }),
  maxBurst: segment()
    .optional()
    .meta({ description: 'MaxBurstLength: data of one sequence. By default `1MiB`.', examples: ['1MiB'] }),
  connections: whole(connectionsNoun, 1, 64)
    .optional()
    .meta({ description: 'MaxConnections: connections of one session, where the target takes as many. By default 1.' }),
  errorRecoveryLevel: whole('0, 1 or 2', 0, 2).optional().meta({
    description:
      'ErrorRecoveryLevel offered: 0, 1 or 2. A lost connection takes its path with it at every level, and commands go by another. By default 0.',
  }),
  commands: whole(commandsNoun, 1, 4096)
    .optional()
    .meta({ description: 'Commands under way a session; the target may allow fewer. By default 128.' }),
  loginTimeout: duration()
    .optional()
    .meta({ description: 'A login that takes longer has failed, and is tried again. By default `15s`.', examples: ['5s'] }),
  pingAfter: duration()
    .optional()
    .meta({ description: 'A connection silent for so long is asked for a sign of life (NOP-Out). By default `10s`.', examples: ['15s'] }),
  pingTimeout: duration()
    .optional()
    .meta({ description: 'A connection that does not answer in this time is lost. By default `10s`.', examples: ['10s'] }),
  commandTimeout: duration()
    .optional()
    .meta({ description: 'A command without an answer for so long is aborted. By default `30s`.', examples: ['30s'] }),
});

export type SettingsDeclaration = z.output<typeof settingsSchema>;
