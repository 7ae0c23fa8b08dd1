// Answers as event streams, judged and passed on without sockets. `reader` are the modules of one version of the gateway
// that do it, so that two versions can be held against each other.

/** What was asked, and on which stream the answer comes. */
export const KINDS = ['call', 'modern', 'batch', 'task', 'list', 'get', 'listen', 'open', 'sse']

const METHODS = {
  ...{
    call: 'tools/call',
    modern: 'tools/call',
    batch: 'tools/call',
    task: 'tools/call',
    list: 'tools/list',
  },
  ...{ listen: 'subscriptions/listen', open: 'resources/read' },
}

/** What goes on of each piece (null: nothing more), and what is known in the end. */
export function judged(reader, kind, pieces) {
  const call = callOf(kind)
  const faults = []
  const { route } = call.endpoint
  const open = kind === 'get' || kind === 'sse' ? undefined : new reader.OpenRequests(call.message)
  const filters = !route.policy.showsAll && (kind === 'get' || kind === 'list' || kind === 'sse')
  const legacy = call.message.era === 'legacy'
  const sealId = legacy ? (id) => (/^[\x21-\x7e]+$/.test(id) ? `<${id}>` : '') : undefined
  const retire = () => faults.push('retired')
  const answer = { call, filters, open, retire, sealId, onFault: (detail) => faults.push(detail) }
  const isWhole = filters || kind === 'listen' || kind === 'sse'
  const createFilter = reader.createEventFilter ?? reader.createEventPassing // its name in earlier versions
  const filter = createFilter({
    judge: reader.createEventReview(answer),
    judgePart: isWhole ? undefined : reader.createPartJudge(answer),
    judgesAll: reader.judgesEveryEvent?.(answer),
    changesIds: sealId !== undefined,
    ...{ open, canResume: legacy, onError: () => faults.push('error') },
  })
  const shown = []
  for (const piece of pieces) if (shown.at(-1) !== null) shown.push(pushed(reader, filter, piece))
  const state = [filter.isBetween(), filter.canResume(), filter.end(), open?.waiting.join()]
  return { shown, told: [...state, call.record.rpc, ...faults].join(' | '), tasks: call.tasks.join() }
}

function pushed(reader, filter, piece) {
  const view = Buffer.from(piece) // it is good during the call only
  if (reader.OutputRoom === undefined) return filter.push(view)?.toString('latin1') ?? null
  const room = new reader.OutputRoom()
  const goesOn = filter.push(view, room)
  view.fill(0x21)
  return goesOn ? room.take().toString('latin1') : null
}

function callOf(kind) {
  const calls = callsOf(kind)
  const isOpen = kind === 'open'
  const tasks = []
  const shows = (_principal, what, name) => isOpen || !`${what} ${name}`.includes('danger')
  const isShut = ({ targets }) => targets.some(({ name }) => name.includes('danger'))
  const route = {
    ...{ transport: kind === 'sse' ? 'sse' : 'http', resumes: true, path: '/mcp', pin: undefined },
    upstreamUrl: new URL('http://upstream.test/sse'),
    sealer: { seal: (_owner, text) => `sealed-${Buffer.from(text).toString('hex')}` },
    policy: {
      showsAll: isOpen,
      shows,
      decide: (_principal, message) => (message.calls.some(isShut) ? { refusal: {} } : {}),
    },
    limits: { subjects: { perTool: new Map() } },
    tasks: { remember: (...told) => tasks.push(told[2]) },
  }
  return {
    ...{ endpoint: { route, kind: 'endpoint' }, record: {}, tasks, circumstances: {}, limits: {} },
    inbound: { method: kind === 'get' || kind === 'sse' ? 'GET' : 'POST' },
    caller: { owner: 'o', key: 'k', principal: { expiresAt: 4_000_000_000 } },
    message: { era: kind === 'modern' || kind === 'listen' ? 'modern' : 'legacy', calls },
  }
}

function callsOf(kind) {
  if (kind === 'get' || kind === 'sse') return []
  const targets = kind === 'listen' ? [{ kind: 'resource', name: 'file:///pub/a' }] : []
  const call = { kind: 'request', id: '1', method: METHODS[kind], targets, mayCreateTask: kind === 'task' }
  return kind === 'batch' ? [call, { ...call, id: '"a"' }] : [call]
}
