// Runs Wacht's own client against a recorder, and keeps what it sent in test/parity/recordings/wacht-backend.json.
// `node scripts/record-wacht.mjs` (needs npm ci in test/interop)
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const root = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const folder = root('test/interop/node_modules/@wacht/backend')
const { name, version, main } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
const { gateway } = await import(`${folder}/${main}`)

/** What the recorder is asked: a whole question, and the least that can be asked. */
const QUESTIONS = [
  {
    ...{
      principalType: 'oauth_access_token',
      principalValue: 'oat_1',
      resource: '/notes/mcp',
      method: 'POST',
    },
    ...{ clientIp: '192.0.2.7', userAgent: 'desk/1.0', requiredPermissions: ['notes:use', 'notes:read'] },
  },
  { principalType: 'api_key', principalValue: 'key_1', resource: '/notes/mcp', method: 'GET' },
]

const seen = []
const server = createServer(async (request, response) => {
  const { 'content-type': type, authorization } = request.headers
  seen.push({ method: request.method, path: request.url, type, authorization, body: await text(request) })
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"allowed":true}')
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const gatewayUrl = `http://127.0.0.1:${server.address().port}`
for (const question of QUESTIONS) await gateway.checkPrincipalAuthz(question, { gatewayUrl })
server.close()
const questions = QUESTIONS.map((question, index) => ({ question, sent: seen[index] }))
const recording = {
  package: name,
  version,
  how: 'run',
  date: new Date().toISOString().slice(0, 10),
  questions,
}
const file = root('test/parity/recordings/wacht-backend.json')
writeFileSync(file, `${JSON.stringify(recording)}\n`)
execFileSync(root('node_modules/.bin/biome'), ['format', '--write', file], { stdio: 'ignore' })
