// The worst answers of an upstream known, one of each kind, to `tools/list` of a caller with a token. A kind is one entry.
// Lists are as large as they may be, 4 MiB, and events 16 MiB, or have as many items, lines or pieces as they may.

export interface AnswerKind {
  readonly name: string
  readonly type: 'application/json' | 'text/event-stream'
  readonly make: () => Buffer
}

const MOST = 4 * 1024 * 1024 - 1_000
const MOST_OF_EVENT = 16 * 1024 * 1024 - 1_000
const LIST = '{"jsonrpc":"2.0","id":1,"result":{"tools":['
const many = (room: number, unit: (index: number) => string, joint = ',') => {
  const count = Math.floor(room / (unit(1_000_000).length + joint.length))
  return Array.from({ length: count }, (_, index) => unit(index)).join(joint)
}
const listOf = (room: number, unit: (index: number) => string) => Buffer.from(`${LIST}${many(room, unit)}]}}`)

function json(name: string, make: () => Buffer): AnswerKind {
  return { name, type: 'application/json', make }
}

function events(name: string, make: () => Buffer): AnswerKind {
  return { name, type: 'text/event-stream', make }
}

const TEN_THOUSAND = Array.from({ length: 10_000 }, (_, index) => index)

export const ANSWER_KINDS: readonly AnswerKind[] = [
  json('a list of 10,000 small tools', () =>
    Buffer.from(`${LIST}${TEN_THOUSAND.map((index) => `{"name":"t${index}"}`)}]}}`),
  ),
  json('a list of 10,000 tools of 400 bytes', () =>
    Buffer.from(
      `${LIST}${TEN_THOUSAND.map((index) => `{"name":"t${index}","description":"${'x'.repeat(370)}"}`)}]}}`,
    ),
  ),
  json('a list of resources with long URIs', () =>
    Buffer.from(
      `{"jsonrpc":"2.0","id":1,"result":{"resources":[${TEN_THOUSAND.slice(0, 490).map(() => `{"uri":"${'A'.repeat(8_190)}"}`)}]}}`,
    ),
  ),
  json('a list of 10,000 resources that nearly fit', () =>
    Buffer.from(
      `{"jsonrpc":"2.0","id":1,"result":{"resources":[${TEN_THOUSAND.map((index) => `{"uri":"file:///pub/${'a/'.repeat(180)}${index}"}`)}]}}`,
    ),
  ),
  json('a list of 10,000 templates', () =>
    Buffer.from(
      `{"jsonrpc":"2.0","id":1,"result":{"resourceTemplates":[${TEN_THOUSAND.map((index) => `{"uriTemplate":"file:///pub/${'a/'.repeat(180)}${index}{x}"}`)}]}}`,
    ),
  ),
  json('a list of as many tools as fit', () => listOf(MOST, () => '{}')),
  json('a list with unique names', () =>
    Buffer.from(`${LIST}{${many(MOST, (index) => `"${index.toString(36)}":0`)}}]}}`),
  ),
  json('a list with one long text', () =>
    Buffer.from(`${LIST}{"name":"safe","description":"${'x'.repeat(MOST)}"}]}}`),
  ),
  json('a list with one text of escapes', () =>
    Buffer.from(`${LIST}{"name":"safe","d":"${'\\"'.repeat(MOST / 2)}"}]}}`),
  ),
  json('a list that is no JSON', () => Buffer.from(`${LIST}{"${'\\"'.repeat(MOST / 2)}`)),
  json('zeros beside a list', () => Buffer.from(`{"tools":1,"x":[${many(MOST, () => '0')}]}`)),
  json('a batch of answers', () =>
    Buffer.from(`[${many(MOST, () => '{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}')}]`),
  ),
  events('an event of one long line', () =>
    Buffer.from(
      `data: {"jsonrpc":"2.0","id":1,"result":{"resource":"${'x'.repeat(MOST_OF_EVENT - 1_000)}"}}\n\n`,
    ),
  ),
  events('an event of many lines', () =>
    Buffer.from(`data: ${LIST}\n${'data: {"name":"safe"},\n'.repeat(9_900)}data: {}]}}\n\n`),
  ),
  events('an event of 65,000 empty lines of data', () => Buffer.from(`${'data:\n'.repeat(65_000)}\n`)),
  events('small events', () => Buffer.from('data:x\n\n'.repeat(200_000))),
  events('small events with lists', () => Buffer.from(`data: ${LIST}{"name":"safe"}]}}\n\n`.repeat(10_000))),
  events('comments', () => Buffer.from(':\n'.repeat(60_000).concat('\n'))),
  events('empty lines', () => Buffer.from('\n'.repeat(1_000_000))),
  events('lines that end with CR', () => Buffer.from('\r'.repeat(1_000_000))),
]
