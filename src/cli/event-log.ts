/** Events as JSON lines, for programs and for later. */
import { pino } from 'pino';
import type { EventSink, FabricEvent, Severity } from '../base/event.ts';
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

/** One line an event: `{"level":"info","time":"...","id":9002,"event":"fabric-ready","source":"...","data":{...},"message":"..."}`. */
export function eventLines(writer: LineWriter, level: 'debug' | 'info' = 'info'): EventSink {
  const logger = pino(
    {
      level,
      // No process number and host name: they say nothing about a fabric.
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label === 'warn' ? 'warning' : label }) },
    },
    writer,
  );
  return ({ id, name, severity, source, message, data }: FabricEvent) =>
    logger[LEVELS[severity]]({ id, event: name, source, data }, message);
}

/** Appends to a file, line by line as things happen: what was logged is there also after a crash. */
export function openLogFile(path: string): LineWriter & { close(): void } {
  try {
    const destination = pino.destination({ dest: path, append: true, mkdir: true, sync: true });
    return { write: (line) => destination.write(line), close: () => destination.end() };
  } catch (error) {
    throw new UserError(`Can't write the log to ${path}: ${(error as Error).message}.`, { cause: error });
  }
}
