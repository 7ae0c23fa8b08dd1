// The process log for a person at a terminal: `12:04:05 warning: an upstream is down (route: notes, error: ECONNREFUSED)`.
// Elsewhere it is JSON (log.ts). One entry is one line, and nothing in it acts on the terminal.
import { visibleText } from '../core/visible.ts'
import { clockTime } from './clock-time.ts'
import { LOG_LEVELS, type Logger, type LogLevel, type LogTerminal } from './log.ts'

const MARKS = { debug: 'debug: ', info: '', warn: 'warning: ', error: 'error: ' } as const
/** Select Graphic Rendition. */
const STYLES = { debug: '\x1b[2m', info: '', warn: '\x1b[33m', error: '\x1b[31m' } as const

export interface WordsOptions extends LogTerminal {
  readonly level: LogLevel
  readonly destination: { write(line: string): unknown }
  /** What stands in each line. */
  readonly every?: object | undefined
}

export function createWordsLog({ level, destination, colour, every }: WordsOptions): Logger {
  const writer = (own: keyof Logger) => {
    if (LOG_LEVELS.indexOf(own) < LOG_LEVELS.indexOf(level)) return () => undefined
    const style = colour ? STYLES[own] : ''
    const end = style === '' ? '' : '\x1b[0m'
    return (fields: object, message: string) => {
      const line = `${clockTime(Date.now())} ${MARKS[own]}${message}${inWords({ ...fields, ...every })}`
      destination.write(`${style}${oneLine(line)}${end}\n`)
    }
  }
  return { debug: writer('debug'), info: writer('info'), warn: writer('warn'), error: writer('error') }
}

/** `event` names the kind of an entry for programs; the message says it in words. */
function inWords({ event: _, ...fields }: { readonly event?: unknown } & object): string {
  const told = Object.entries(fields).filter(([, value]) => value !== undefined)
  if (told.length === 0) return ''
  return ` (${told.map(([name, value]) => `${name.replaceAll('_', ' ')}: ${shown(value)}`).join(', ')})`
}

function shown(value: unknown): string {
  if (value instanceof Error) return value.message
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(shown).join(', ')
  return JSON.stringify(value) ?? String(value)
}

function oneLine(text: string): string {
  return visibleText(text).replaceAll('\n', ' ').replaceAll('\t', ' ')
}
