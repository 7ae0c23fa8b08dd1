// Random damage to valid requests, over the wire: no 5xx, no crash, and nothing goes on that the strict reader
// refuses or the policy does not name.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type McpHeaders, readMessage } from '../../src/mcp/message.ts'
import { claimed, modern, NONE } from '../mcp/bodies.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { overWire } from '../support/wire.ts'

const RUNS = 1_500
const PATIENCE_MS = 120_000

let gateway: TestGateway
let head: string
beforeAll(async () => {
  gateway = await startTestGateway()
  gateway.upstream.respond = (_request, response) => {
    response.writeHead(202).end()
  }
  const { host } = new URL(gateway.origin)
  head = `POST /mcp/a HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${gateway.token()}\r\n`
})
afterAll(() => gateway.close())

const legacyCall = (name: string) =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${name}"}}`
const SEEDS: readonly (readonly [string, McpHeaders])[] = [
  [legacyCall('safe'), NONE],
  [legacyCall('danger'), NONE],
  [`[${legacyCall('safe')},${legacyCall('safe')}]`, NONE],
  ['{"jsonrpc":"2.0","id":"a","method":"resources/read","params":{"uri":"file:///pub/a"}}', NONE],
  ['{"jsonrpc":"2.0","method":"notifications/initialized"}', NONE],
  [claimed('tools/call', '"name":"safe"'), modern('tools/call', 'safe')],
  [claimed('prompts/get', '"name":"open"'), modern('prompts/get', 'open')],
  [claimed('tools/list'), modern('tools/list')],
]

/** What attackers put in; the rest is bytes. */
const WORDS = [
  '"name":"danger",',
  '"Name":"danger",',
  '"n\\u0061me":"danger",',
  '"method":"tools/call",',
  '"id":2,',
  'danger',
  'forbidden',
  '\\u0000',
  '\ufeff',
  '[',
  ']',
  '{',
  '}',
  ',',
  '"',
  'null',
  'NaN',
  '/../',
  '\u017f',
]

interface Edit {
  readonly at: number
  readonly drop: number
  readonly put: string | Uint8Array
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  drop: fc.nat(6),
  put: fc.oneof(fc.constantFrom('', ...WORDS), fc.uint8Array({ maxLength: 3 })),
})

function mutate(body: Buffer, edits: readonly Edit[]): Buffer {
  return edits.reduce((bytes, { at, drop, put }) => {
    const start = Math.floor(at * bytes.length)
    return Buffer.concat([bytes.subarray(0, start), Buffer.from(put as string), bytes.subarray(start + drop)])
  }, body)
}

function headerLines(headers: McpHeaders): string {
  const named = [
    ...headers.version.map((value) => `MCP-Protocol-Version: ${value}`),
    ...headers.method.map((value) => `Mcp-Method: ${value}`),
    ...headers.name.map((value) => `Mcp-Name: ${value}`),
  ]
  return named.map((line) => `${line}\r\n`).join('')
}

/** Whether the default policy lets scope `a` name it. */
function mayName(body: Buffer, headers: McpHeaders): boolean {
  const read = readMessage(body, headers)
  if (!read.ok) return false
  return read.value.calls.every(({ targets }) =>
    targets.every(
      ({ kind, name }) =>
        (kind === 'tool' && name === 'safe') ||
        (kind === 'prompt' && name === 'open') ||
        (kind === 'resource' && name.startsWith('file:///pub/')),
    ),
  )
}

test(
  'M27 D20 no decision, no forward; no damage is a fault of the gateway',
  async () => {
    let forwarded = 0
    const damaged = fc.record({
      seed: fc.constantFrom(...SEEDS),
      edits: fc.array(edit, { maxLength: 3 }),
      borrowed: fc.option(fc.constantFrom(...SEEDS), { freq: 5 }),
    })
    await fc.assert(
      fc.asyncProperty(damaged, async ({ seed: [text, own], edits, borrowed }) => {
        const headers = borrowed?.[1] ?? own
        const body = mutate(Buffer.from(text), edits)
        const before = gateway.upstream.received.length
        const lines = `content-type: application/json\r\ncontent-length: ${body.length}\r\n${headerLines(headers)}`
        const [answer] = await overWire(
          gateway.origin,
          Buffer.concat([Buffer.from(`${head}${lines}\r\n`), body]),
          1,
        )
        expect(answer?.status).toBeLessThan(500)
        const seen = gateway.upstream.received.slice(before)
        for (const request of seen) {
          expect(request.body).toEqual(body)
          expect(mayName(request.body, headers)).toBe(true)
        }
        forwarded += seen.length
      }),
      { numRuns: RUNS },
    )
    expect(forwarded).toBeGreaterThan(RUNS / 100) // the property is not vacuous
    expect(gateway.log.filter((line) => line.includes('"event":"bug"'))).toEqual([])
  },
  PATIENCE_MS,
)
