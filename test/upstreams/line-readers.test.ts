// One message is one line for whatever a program reads lines with: Node's readline, Python's text stream and splitlines, Go's
// bufio.Scanner. Each is sent a whole call between line ends, as it is and through the gateway.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { beginSession, OPEN_POLICY, textOf, toolMessage } from '../support/program/client.ts'
import { buildForeign, GO_SCANNER, PYTHON_READER, type Recipe } from './foreign.ts'

const PATIENCE_MS = 300_000

interface LineReader {
  readonly name: string
  readonly recipe: Recipe
  /** What ends a line for it, of `ENDS` and of `WIDE_ENDS`. */
  readonly ends: readonly string[]
}

const READLINE: Recipe = {
  name: 'readline',
  sources: ['stdio/readers/readline.mjs'],
  build: async () => {},
  start: () => [process.execPath, join(import.meta.dirname, 'stdio/readers/readline.mjs')],
}

/** JSON has these between tokens only. */
const ENDS = ['\r', '\n', '\r\n']
/** … and these in strings only. */
const WIDE_ENDS = ['\u0085', '\u2028', '\u2029']

const READERS: readonly LineReader[] = [
  { name: 'node:readline', recipe: READLINE, ends: [...ENDS, '\u2028', '\u2029'] },
  { name: 'Python TextIOWrapper', recipe: PYTHON_READER('text'), ends: ENDS },
  { name: 'Python splitlines', recipe: PYTHON_READER('splitlines'), ends: [...ENDS, ...WIDE_ENDS] },
  { name: 'Go bufio.Scanner', recipe: GO_SCANNER, ends: ['\n', '\r\n'] },
]

let gateway: TestGateway | undefined
afterEach(async () => {
  await gateway?.close()
  gateway = undefined
})

const HIDDEN = JSON.stringify(toolMessage('echo', { text: 'hidden' }, 9_001))

const withHidden = (end: string) =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"plain","x":${end}${HIDDEN}${end}}}}`
const withWide = (end: string) =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"a${end}b"}}}`

describe.each(READERS)('$name', { timeout: 60_000 }, ({ recipe, ends }) => {
  let command: readonly [string, ...string[]] | undefined
  let reason: string | undefined
  beforeAll(async () => {
    const built = await buildForeign(recipe)
    if (typeof built === 'string') {
      reason = built
      console.warn(`skipped: ${reason}`)
    } else command = built.program
  }, PATIENCE_MS)

  const begin = async () => {
    const program = `command: ${JSON.stringify(command)}`
    const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' }
    gateway = await startTestGateway({ program, policy: OPEN_POLICY, env })
    return beginSession(gateway)
  }

  test.for(ENDS)('through the gateway a call between %j stays a part of its line', async (end, { skip }) => {
    if (reason) return skip(reason)
    const session = await begin()
    expect(await textOf(await session.post(withHidden(end)))).toBe('plain')
    const lines = JSON.parse(await session.call('lines')) as string[]
    expect(lines).toHaveLength(4) // initialize, initialized, this call, and the question
    expect(lines[2]).toContain(HIDDEN)
  })

  test.for(WIDE_ENDS)('through the gateway %j is a part of its string', async (end, { skip }) => {
    if (reason) return skip(reason)
    const session = await begin()
    expect(await textOf(await session.post(withWide(end)))).toBe(`a${end}b`)
    expect(JSON.parse(await session.call('lines'))).toHaveLength(4)
  })

  test.for([...ENDS, ...WIDE_ENDS])('as it is: %j ends a line, or does not', async (end, { skip }) => {
    if (reason || command === undefined) return skip(reason)
    const isWide = WIDE_ENDS.includes(end)
    const lines = await linesSeenBy(command, isWide ? withWide(end) : withHidden(end))
    expect(lines.length > 1).toBe(ends.includes(end))
    if (!isWide) expect(lines.map((line) => line.trim()).includes(HIDDEN)).toBe(ends.includes(end))
  })
})

/** The lines that a reader saw of a message that comes to it as it is. */
async function linesSeenBy([file, ...args]: readonly [string, ...string[]], message: string) {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = createInterface({ input: child.stdout })
  child.stdin.write(`${message}\n${JSON.stringify(toolMessage('lines', {}, 2))}\n`)
  for await (const line of answers) {
    const { id, result } = JSON.parse(line)
    if (id !== 2) continue
    child.kill('SIGKILL')
    return (JSON.parse(result.content[0].text) as string[]).slice(0, -1)
  }
  throw new Error('the reader ended')
}
