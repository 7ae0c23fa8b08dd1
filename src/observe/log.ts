// The process log: pino, one JSON object a line, unless a program brings a logger of its own. Redaction is by
// construction: what is logged is made of the gateway's own words, ids and numbers, and Secret prints as `[secret]`; there
// is no path list to forget.
import pino from 'pino'
import { visibleJson } from '../core/visible.ts'

/** What the gateway says to its operator. pino's loggers are such, and bunyan's. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** From all to nothing. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** A terminal that log lines reach. */
export interface LogTerminal {
  readonly colour: boolean
}

/** `every`: what stands in each line. */
export function createLog(
  level: LogLevel,
  destination: { write(line: string): unknown },
  every: object = {},
): Logger {
  const visible = { write: (line: string) => destination.write(visibleJson(line)) }
  return pino({ level, base: every, timestamp: pino.stdTimeFunctions.isoTime, errorKey: 'error' }, visible)
}

/** A logger that throws or rejects must not take a request, or the process, with it. */
export function createSafeLogger(logger: Logger): Logger {
  const safely = (level: keyof Logger) => (fields: object, message: string) => {
    try {
      const written: unknown = logger[level](fields, message)
      if (written instanceof Promise) written.catch(() => undefined)
    } catch {
      // nobody is left to tell
    }
  }
  return { debug: safely('debug'), info: safely('info'), warn: safely('warn'), error: safely('error') }
}
