// Cookies of our own as they come over a socket: which spellings of a name are ours, byte by byte.
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { createCookieJar } from '../../../src/as/web/cookies.ts'

const NAME = '__Host-portcullis-session-mcp'

/** What the jar reads of a Cookie field of these bytes. */
async function readFrom(cookie: string): Promise<string> {
  const jar = createCookieJar(true)
  const server = createServer((request, response) =>
    response.end(`read ${jar.read(request, 'session-mcp') ?? 'nothing'}`),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write(`GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncookie: ${cookie}\r\n\r\n`, 'latin1')
  return /read (\w+)/.exec(await text(socket))?.[1] ?? 'no answer'
}

test.each([
  ['alone', `${NAME}=ours`, 'ours'],
  ['after another', `a=b; ${NAME}=ours`, 'ours'],
  ['after a tab', `a=b;\t${NAME}=ours`, 'ours'],
  ['without a space', `a=b;${NAME}=ours`, 'ours'],
])('ours %s', async (_how, cookie, read) => {
  expect(await readFrom(cookie)).toBe(read)
})

// A browser takes `\xa0__Host-…` from a neighbouring host: to it the name has no prefix.
test.each([
  ['a no-break space', `a=b; \xa0${NAME}=theirs`],
  ['a no-break space at the beginning', `\xa0${NAME}=theirs`],
  ['a no-break space in UTF-8', `a=b; \xc2\xa0${NAME}=theirs`],
  ['a byte order mark in UTF-8', `a=b; \xef\xbb\xbf${NAME}=theirs`],
  ['another case', `a=b; ${NAME.toLowerCase()}=theirs`],
])('A81: %s makes another name', async (_what, cookie) => {
  expect(await readFrom(cookie)).toBe('nothing')
  expect(await readFrom(`${cookie}; ${NAME}=ours`)).toBe('ours')
})
