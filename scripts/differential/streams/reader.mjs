// Event streams as WHATWG HTML §9.2.6 reads them: the whole text at once, line by line.
const LINE_END = /\r\n|\n|\r/g
/** A byte order mark in UTF-8, as latin1. */
const MARK = '\xef\xbb\xbf'

/**
 * Events that have data, and where the last blank line ends: what stands behind it is no event yet. The specification
 * drops one mark, at the start of the stream; `everyMark`: at the start of each event, as some clients do.
 */
export function readStream(bytes, { everyMark = false } = {}) {
  const text = bytes.toString('latin1')
  const events = []
  let event = { data: [], type: '' }
  let begins = true
  let endsAt = 0
  let from = 0
  for (const { index, 0: end } of text.matchAll(LINE_END)) {
    const line = text.slice(from, index)
    const drops = begins && (everyMark || from === 0) && line.startsWith(MARK)
    from = index + end.length
    begins = line === ''
    if (line !== '') interpret(drops ? line.slice(MARK.length) : line, event)
    else {
      if (event.data.length > 0) events.push({ data: utf8(event.data.join('\n')), type: utf8(event.type) })
      event = { data: [], type: '' }
      endsAt = from
    }
  }
  return { events, endsAt }
}

function interpret(line, event) {
  const colon = line.indexOf(':')
  const name = colon < 0 ? line : line.slice(0, colon)
  const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
  if (name === 'data') event.data.push(value)
  if (name === 'event') event.type = value
}

function utf8(latin1) {
  return Buffer.from(latin1, 'latin1').toString('utf8')
}
