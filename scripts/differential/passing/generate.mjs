// Event streams as servers of MCP send them, with what must not pass, what looks like it, and what is broken; from a seed.
// Not names of results in other cases, which the earlier version let pass (L93).
import { randomFrom } from '../random.mjs'

const TEXTS = [
  ...['all is well', 'the result is an error', 'results were updated', 'caf\\u00e9', '\\u0072esult', 'K ı'],
  ...['a \\"result\\": {}', 'Error', 'tools', '\ufeff', '日本語、テスト', 'x'.repeat(300), 'multiple faults'],
]
const NAMES = ['safe', 'danger', 'd\\u0061nger']
const URIS = ['file:///pub/a', 'file:///danger/b', 'file:\\/\\/\\/danger/c']
const RESULT_NAMES = ['result', 'result', 'result', 'Result', '\\u0072esult']
const IDS = ['1', '1', '1', '"a"', '2', 'null', '1.0', '"1"']
const STREAM_IDS = [
  'id: 7',
  'id:8',
  'id: ',
  'id',
  'id: é',
  ' id: 7',
  'identity: 7',
  'id: 9\nid: 10',
  'id: 9\nid:',
]
const OTHER_LINES = [
  ': ping',
  ':',
  'retry: 5',
  'event: message',
  'event: endpoint',
  'event',
  'junk',
  'data',
  'data:',
]
const ENDS = ['\n', '\n', '\n', '\n', '\r\n', '\r\n', '\r']

export function eventStreamsFrom(seed) {
  const random = randomFrom(seed)
  const below = (count) => Math.floor(random() * count)
  const pick = (list) => list[below(list.length)]
  const chance = (share) => random() < share
  const text = () => pick(TEXTS)
  const jsonrpc = () => (chance(0.95) ? '"jsonrpc":"2.0",' : '')
  const note = () =>
    `{${jsonrpc()}"method":"notifications/message","params":{"level":"info","data":"${text()}"}}`
  const sdkNote = () => `{"method":"notifications/progress","params":{"message":"${text()}"},"jsonrpc":"2.0"}`
  const update = () =>
    `{${jsonrpc()}"method":"notifications${pick(['/', '\\/'])}resources/${pick(['updated', '\\u0075pdated', 'Updated'])}","params":{"uri":"${pick(URIS)}"}}`
  const asks = () =>
    `{${jsonrpc()}"id":${pick(IDS)},"method":"sampling/createMessage","params":{"x":"${text()}"}}`
  const list = () =>
    `{"${pick(['tools', 'Tools', 'prompts', 'resources'])}":[{"name":"${pick(NAMES)}","uri":"${pick(URIS)}"}],"ttlMs":9,"cacheScope":"public"}`
  const outcome = () =>
    pick([
      `{"content":[{"type":"text","text":"${text()}"}]}`,
      '{"isError":true}',
      '{"task":{"taskId":"t"}}',
      '{"resultType":"input_required"}',
      'null',
      '[]',
      list(),
      list(),
    ])
  const answer = () =>
    chance(0.2)
      ? `{${jsonrpc()}"id":${pick(IDS)},"error":{"code":1,"message":"${text()}"}}`
      : `{${jsonrpc()}"id":${pick(IDS)},"${pick(RESULT_NAMES)}":${outcome()}}`
  const message = () => pick([note, note, note, note, sdkNote, sdkNote, update, asks, answer])()
  const json = () => {
    const one = chance(0.05) ? `[${message()},${message()}]` : message()
    if (!chance(0.12)) return one
    const at = below(one.length)
    return one.slice(0, at) + pick(['', '"', '}', '\\', '\0', ' ', '\n', text()]) + one.slice(at + below(3))
  }
  const dataLines = (end) => {
    const [first, ...rest] = json().split('\n')
    const cut = chance(0.06) && first !== undefined ? first.replace(',', `,${end}data: `) : first
    return [cut, ...rest].map((line) => `data:${pick([' ', ' ', ''])}${line}`)
  }
  const event = (usual) => {
    const end = () => (chance(0.98) ? usual : pick(ENDS))
    const lines = []
    if (chance(0.1)) lines.push(pick(OTHER_LINES))
    if (chance(0.25)) lines.push(...pick(STREAM_IDS).split('\n'))
    if (chance(0.9)) lines.push(...dataLines(usual))
    if (chance(0.05)) lines.push(pick(STREAM_IDS))
    const mark = chance(0.02) ? '\ufeff' : ''
    return mark + lines.map((line) => line + end()).join('') + (chance(0.98) ? end() : '')
  }
  return () => {
    const usual = pick(ENDS)
    const events = Array.from({ length: 1 + below(12) }, () => event(usual))
    return { events: events.length, bytes: Buffer.from(events.join('') + (chance(0.1) ? message() : '')) }
  }
}
