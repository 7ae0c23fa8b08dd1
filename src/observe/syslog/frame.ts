// A line as a syslog message (RFC 5424) in a frame of counted octets (RFC 6587 §3.4.1, RFC 5425 §4.3). Text in, text out.

/** RFC 5424 table 1: log audit. */
const FACILITY = 13
/** RFC 5424 table 2. */
export const SYSLOG_SEVERITY = { warning: 4, informational: 6 } as const
const APP_NAME = 'portcullis'
const NOT_ASCII = /[^\x20-\x7e]/g

export interface SyslogMessage {
  readonly severity: (typeof SYSLOG_SEVERITY)[keyof typeof SYSLOG_SEVERITY]
  /** Epoch milliseconds. */
  readonly time: number
  /** What kind of message it is: printable ASCII without spaces, at most 32 characters (MSGID). */
  readonly kind: string
  /** JSON. What is no ASCII is escaped in it, so that no receiver needs a byte order mark (§6.4). */
  readonly json: string
}

/** @param hostname printable ASCII without spaces; `-` where it is none */
export function syslogFrame(message: SyslogMessage, hostname: string, processId: number): string {
  const { severity, time, kind, json } = message
  const head = `<${FACILITY * 8 + severity}>1 ${new Date(time).toISOString()} ${hostname} ${APP_NAME} ${processId} ${kind} -`
  const text = `${head} ${json.replace(NOT_ASCII, escaped)}`
  return `${text.length} ${text}`
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** RFC 5424 §6: HOSTNAME. */
export function syslogHostname(name: string): string {
  return /^[\x21-\x7e]{1,255}$/.test(name) ? name : '-'
}
