// An MCP server over standard streams, without an SDK, for tests of the bridge: it says what it was sent, byte for byte, and
// does on demand what servers do when they go wrong. `IGNORES=1`: it ends neither with its input nor at SIGTERM. `deaf`: it reads
// nothing until SIGUSR2.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

const seen = []
const say = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const text = (value) => ({ content: [{ type: 'text', text: String(value) }] })

if (process.env.IGNORES === '1') {
  process.on('SIGTERM', () => {})
  setInterval(() => {}, 1_000)
} else process.stdin.on('end', () => process.exit(0))

const TOOLS = {
  lines: (id) => say({ id, result: text(JSON.stringify(seen)) }),
  pid: (id) => say({ id, result: text(process.pid) }),
  env: (id, { name }) => say({ id, result: text(name ? process.env[name] : JSON.stringify(process.env)) }),
  who: (id) => say({ id, result: text(JSON.stringify(whoIAm())) }),
  read: (id, { path }) => say({ id, result: text(tryReading(path)) }),
  echo: (id, { value }) => say({ id, result: text(value) }),
  hang() {},
  die: (_, { code = 3 }) => process.exit(code),
  later: (id, { ms, value }) => setTimeout(() => say({ id, result: text(value) }), ms),
  progress(id, { steps = 2, value }, token) {
    for (let progress = 1; progress <= steps; progress += 1)
      say({ method: 'notifications/progress', params: { progressToken: token, progress, message: value } })
    say({ id, result: text(value) })
  },
  hold(id, { value }, token) {
    say({ method: 'notifications/progress', params: { progressToken: token, progress: 1 } })
    held.push(() => say({ id, result: text(value) }))
  },
  letGo(id) {
    for (const each of held.splice(0)) each()
    say({ id, result: text('gone on') })
  },
  deaf(id) {
    process.stdin.pause()
    awake = setInterval(() => {}, 1_000)
    say({ id, result: text(process.pid) })
  },
  // All that a call can hear, and `cancelled` before the value where it was.
  mixed(id, { ms, value }, token) {
    const step = (progress) =>
      say({ method: 'notifications/progress', params: { progressToken: token, progress, message: value } })
    const answer = (words) => {
      cancels.delete(id)
      clearTimeout(timer)
      step(2)
      say({ id, result: text(words) })
    }
    step(1)
    say({ method: 'notifications/message', params: { level: 'info', data: value } })
    cancels.set(id, () => answer(`cancelled ${value}`))
    const timer = setTimeout(() => answer(value), ms)
  },
  log(id, { value }) {
    say({ method: 'notifications/message', params: { level: 'info', data: value } })
    say({ id, result: text('logged') })
  },
  sample(id, { value }) {
    asked.set('ask-1', id)
    const messages = [{ role: 'user', content: { type: 'text', text: value } }]
    say({ id: 'ask-1', method: 'sampling/createMessage', params: { messages, maxTokens: 1 } })
  },
  stderr(id, { value }) {
    process.stderr.write(`${value}\n`)
    say({ id, result: text('written') })
  },
  stray(id, { value }) {
    process.stdout.write(`${value}\n`)
    say({ id, result: text('written') })
  },
  long(id, { bytes }) {
    process.stdout.write(`${'x'.repeat(bytes)}\n`)
    say({ id, result: text('written') })
  },
  twice: (id) => process.stdout.write(`{"jsonrpc":"2.0","id":${id},"result":{"a":1,"a":2}}\n`),
  child(id) {
    const source = 'process.on("SIGTERM",()=>{});setInterval(()=>{},1000)'
    const child = spawn(process.execPath, ['-e', source], { stdio: 'ignore' })
    say({ id, result: text(child.pid) })
  },
  fill: (id, { bytes }) => say({ id, result: text('y'.repeat(bytes)) }),
}
const asked = new Map()
const held = []
let awake
process.on('SIGUSR2', () => {
  clearInterval(awake)
  process.stdin.resume()
})
const cancels = new Map()

const whoIAm = () => ({ uid: process.getuid(), gid: process.getgid(), groups: process.getgroups() })

function tryReading(path) {
  try {
    return `read ${readFileSync(path).length} bytes`
  } catch ({ code }) {
    return code
  }
}

function receive(line) {
  seen.push(line)
  let message
  try {
    message = JSON.parse(line)
  } catch {
    return
  }
  const { id, method, params = {}, result, error } = message
  if (method === undefined) return say({ id: asked.get(id), result: text(JSON.stringify(result ?? error)) })
  if (method === 'initialize') {
    const { protocolVersion } = params
    const capabilities = { tools: { listChanged: true }, logging: {} }
    return say({ id, result: { protocolVersion, capabilities, serverInfo: { name: 'plain', version: '1' } } })
  }
  if (method === 'notifications/cancelled') cancels.get(params.requestId)?.()
  if (id === undefined) return
  if (method === 'tools/list') {
    const tools = Object.keys(TOOLS).map((name) => ({ name, inputSchema: { type: 'object' } }))
    return say({ id, result: { tools } })
  }
  const tool = method === 'tools/call' ? TOOLS[params.name] : undefined
  if (tool) return tool(id, params.arguments ?? {}, params._meta?.progressToken)
  if (method === 'ping') return say({ id, result: {} })
  say({ id, error: { code: -32601, message: `no ${method}` } })
}

let rest = Buffer.alloc(0)
process.stdin.on('data', (chunk) => {
  rest = Buffer.concat([rest, chunk])
  for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
    receive(rest.toString('utf8', 0, end))
    rest = rest.subarray(end + 1)
  }
})
