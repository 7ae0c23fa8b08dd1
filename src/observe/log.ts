// The process log: pino, one JSON object a line. Redaction is by construction: what is logged is made of the
// gateway's own words, ids and numbers, and Secret prints as `[secret]`; there is no path list to forget.
import pino from 'pino'
import { visibleJson } from '../core/visible.ts'

export type Log = pino.Logger

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export function createLog(level: LogLevel, destination: pino.DestinationStream): Log {
  const visible = { write: (line: string) => destination.write(visibleJson(line)) }
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, errorKey: 'error' }, visible)
}
