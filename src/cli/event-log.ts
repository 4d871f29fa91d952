/** Events as JSON lines, for programs and for later. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino } from 'pino';
import type { FabricEvent, Severity } from '../base/event.ts';
import type { LoggedEvent } from '../server/event-log.ts';
import { UserError } from './context.ts';

const LEVELS: Readonly<Record<Severity, 'debug' | 'info' | 'warn' | 'error'>> = {
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  error: 'error',
};

export interface LineWriter {
  write(line: string): void;
}

/** An event with when it came and its number, or one that comes now and has none. */
export type LinedEvent = FabricEvent & Partial<Pick<LoggedEvent, 'sequence' | 'time'>>;

/** One line an event: `{"level":"info","time":"...","sequence":7,"id":9002,"event":"fabric-ready","source":"...","data":{...},"message":"..."}`. */
export function eventLines(writer: LineWriter, level: 'debug' | 'info' = 'info'): (event: LinedEvent) => void {
  let time = '';
  const logger = pino(
    {
      level,
      // No process number and host name: they say nothing about a fabric.
      base: null,
      messageKey: 'message',
      // When it came, which may be before it is written.
      timestamp: () => `,"time":"${time}"`,
      formatters: { level: (label) => ({ level: label === 'warn' ? 'warning' : label }) },
    },
    writer,
  );
  return ({ id, name, severity, source, message, data, ...logged }) => {
    time = logged.time ?? new Date().toISOString();
    const sequence = logged.sequence === undefined ? {} : { sequence: logged.sequence };
    logger[LEVELS[severity]]({ ...sequence, id, event: name, source, data }, message);
  };
}

/**
 * Appends to a file, line by line as things happen: what was logged is there also after a crash. A disk that is full stops the log, not the
 * fabric: `complain` is told once.
 */
export function openLogFile(path: string, complain: (sentence: string) => void): LineWriter & { close(): void } {
  let descriptor: number;
  try {
    mkdirSync(dirname(path), { recursive: true });
    descriptor = openSync(path, 'a');
  } catch (error) {
    throw new UserError(`Can't write the log to ${path}: ${(error as Error).message}.`, { cause: error });
  }
  let failed = false;
  return {
    write(line) {
      if (failed) return;
      try {
        writeSync(descriptor, line);
      } catch (error) {
        failed = true;
        complain(`The log in ${path} ends here: ${(error as Error).message}.`);
      }
    },
    close: () => closeSync(descriptor),
  };
}
