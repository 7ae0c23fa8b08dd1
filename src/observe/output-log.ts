// The process log where it goes: words for a person at a terminal, JSON lines elsewhere.
import pino from 'pino'
import { createLog, type Logger, type LogLevel, type LogTerminal } from './log.ts'
import { createWordsLog } from './words-log.ts'

export interface OutputLogOptions {
  readonly level: LogLevel
  readonly destination: { write(line: string): unknown }
  /** There where the lines reach a terminal: then they are words for a person. */
  readonly terminal?: LogTerminal | undefined
  /** What stands in each line. */
  readonly every?: object | undefined
}

export function createOutputLog({ level, destination, terminal, every }: OutputLogOptions): Logger {
  return terminal === undefined
    ? createLog(level, destination, every)
    : createWordsLog({ level, destination, every, ...terminal })
}

/** Lines on standard error. */
export function createStderrLog(options: Omit<OutputLogOptions, 'destination'>): Logger {
  return createOutputLog({ ...options, destination: pino.destination({ dest: 2, sync: true }) })
}
