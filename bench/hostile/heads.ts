// The worst heads known, one of each kind, within the 12 KiB and 100 fields that a request may have. A kind is one entry.

export interface HeadKind {
  readonly name: string
  /** Behind the path. */
  readonly query?: string
  /** Instead of the path of the route. */
  readonly path?: string
  /** `TOKEN` stands for a token that is good. */
  readonly lines: readonly string[]
  readonly body?: string
}

const ROOM = 11_000
const encoded = (text: string) => Buffer.from(text).toString('base64url')
const full = (unit: string, room = ROOM) => unit.repeat(Math.floor(room / unit.length))
const GOOD = 'Authorization: Bearer TOKEN'
const HEADER = encoded('{"alg":"ES256","typ":"dpop+jwt"}')

/** What stands in the payload of a token or a proof: as much as its 8 KB take. */
const PAYLOADS: readonly (readonly [what: string, text: string])[] = [
  ['no JSON, of escaped quotes', `{"${full('\\"', 5_800)}`],
  ['many names', `{${Array.from({ length: 900 }, (_, index) => `"${index.toString(36)}":0`).join()}}`],
  [
    'escaped names',
    `{${Array.from({ length: 480 }, (_, index) => `"\\u0061${index.toString(36)}":0`).join()}}`,
  ],
  ['too deep nesting', full('[', 5_800)],
  ['objects', `{"a":[${full('{},', 5_700)}{}]}`],
  ['a long text', `{"iss":"${full('x', 5_700)}"}`],
]

export const HEAD_KINDS: readonly HeadKind[] = [
  ...PAYLOADS.map(([what, text]) => ({
    name: `a token with ${what}`,
    lines: [`Authorization: Bearer ${HEADER}.${encoded(text)}.AA`],
  })),
  ...PAYLOADS.map(([what, text]) => ({
    name: `a proof with ${what}`,
    lines: ['Authorization: DPoP TOKEN', `DPoP: ${HEADER}.${encoded(text)}.AA`],
  })),
  {
    name: 'a header of a token of many names',
    lines: [`Authorization: Bearer ${encoded(PAYLOADS[1]?.[1] ?? '')}.e30.AA`],
  },
  { name: 'a token of dots', lines: [`Authorization: Bearer ${full('.', 8_000)}`] },
  { name: 'a token of padding', lines: [`Authorization: Bearer a${full('=', 8_000)}!`] },
  { name: 'spaces before a token', lines: [`Authorization: Bearer ${full(' ')}x`] },
  { name: 'spaces behind a token', lines: [`Authorization: Bearer x${full(' ')}x`] },
  { name: 'many Authorization headers', lines: Array.from({ length: 90 }, () => 'Authorization: Bearer x') },
  { name: 'cookies', lines: [GOOD, `Cookie: ${full('a=b; ')}`] },
  { name: 'cookies of semicolons', lines: [`Cookie: ${full(';')}`] },
  { name: 'a query of parameters', query: `?${full('a&', 11_000)}`, lines: [GOOD] },
  { name: 'a query of escapes', query: `?${full('%61=%62&', 11_000)}`, lines: [GOOD] },
  { name: 'a path of segments', path: `/notes${full('/a')}`, lines: [GOOD] },
  { name: 'a path of dots', path: full('/..'), lines: [GOOD] },
  { name: 'a path that is nearly normal', path: `${full('/a')}%`, lines: [GOOD] },
  {
    name: 'Mcp-Name in base64',
    lines: [
      GOOD,
      'MCP-Protocol-Version: 2026-07-28',
      'Mcp-Method: tools/call',
      `Mcp-Name: =?base64?${full('AAAA')}?=`,
    ],
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"safe","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}',
  },
  { name: 'Mcp-Name of spaces', lines: [GOOD, `Mcp-Name: a${full(' ')}a`] },
  { name: 'a session id', lines: [GOOD, `Mcp-Session-Id: ${full('A', 1_000)}`] },
  { name: 'a long session id', lines: [GOOD, `Mcp-Session-Id: ${full('A')}`] },
  { name: 'a version', lines: [GOOD, `MCP-Protocol-Version: ${full('2')}`] },
  { name: 'an origin', lines: [GOOD, `Origin: https://${full('a.')}x`] },
  { name: 'X-Forwarded-For', lines: [GOOD, `X-Forwarded-For: ${full('1.1.1.1, ')}`] },
  { name: 'Accept', lines: [GOOD, `Accept: ${full('a/b;q=0.1, ')}`] },
  { name: 'Content-Type', lines: [GOOD, `Content-Type: application/json;${full(' ')}x`] },
  { name: 'Connection', lines: [GOOD, `Connection: ${full('a, ')}close`] },
  { name: 'traceparent', lines: [GOOD, `traceparent: 00-${full('0')}`] },
  {
    name: 'many fields',
    lines: [GOOD, ...Array.from({ length: 90 }, (_, index) => `X-${index}: ${full('x', 100)}`)],
  },
  {
    name: 'many Mcp-Param fields',
    lines: [GOOD, ...Array.from({ length: 90 }, (_, index) => `Mcp-Param-${index}: x`)],
  },
]
