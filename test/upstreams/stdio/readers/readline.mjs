// An MCP server that reads its lines with node:readline, which ends one also at CR, U+2028 and U+2029. It says which it saw.
import { createInterface } from 'node:readline'

const lines = []
const say = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)

function resultOf(method, params) {
  if (method === 'initialize') {
    const { protocolVersion } = params
    return { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'reader', version: '1' } }
  }
  const text = params.name === 'lines' ? JSON.stringify(lines) : params.arguments.text
  return { content: [{ type: 'text', text }] }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  lines.push(line)
  let message
  try {
    message = JSON.parse(line)
  } catch {
    return // a piece of a message
  }
  const { id, method, params } = message
  if (id !== undefined) say({ id, result: resultOf(method, params) })
})
