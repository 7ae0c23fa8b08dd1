// K30, K31: what nobody sees and a terminal acts on, in everything that is written; and a reader that leaves early.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { cli } from '../../src/cli/cli.ts'
import { createAudit } from '../../src/observe/audit.ts'
import { createLog } from '../../src/observe/log.ts'
import { gatewayYaml } from '../cli/shared/gateway-yaml.ts'
import { folderWith, recordingIo } from '../cli/shared/recording-io.ts'
import { startTestGateway } from '../support/gateway.ts'

const MAIN = join(import.meta.dirname, '../../src/main.ts')
/** Begins a sequence, sets the title, hides, turns around, breaks a line; the last is a tag of two units. */
const HOSTILE = 'a\u009b31m\u009d0;t\u0007\u200b\u202eb\u2028\ufeff\u{e0001}c'
const UNSEEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/u

test('K30 client_request_id as it came over the wire, in the audit', async () => {
  const auditFile = join(mkdtempSync(join(tmpdir(), 'portcullis-unseen-')), 'audit.jsonl')
  const gateway = await startTestGateway({ auditFile })
  const { hostname, port } = new URL(gateway.origin)
  const socket = connect(Number(port), hostname)
  socket.write(
    'GET /mcp HTTP/1.1\r\nhost: a\r\nx-request-id: q\x9b31m\r\nconnection: close\r\n\r\n',
    'latin1',
  )
  await text(socket)
  await gateway.close()
  const line = readFileSync(auditFile, 'utf8')
  expect(line).toContain('"client_request_id":"q\\u009b31m"')
  expect(line).not.toMatch(UNSEEN)
})

test('K30 events, and the log', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'portcullis-unseen-')), 'audit.jsonl')
  const audit = createAudit({ file, required: true, sharePerCaller: 1, generation: () => 1 })
  audit.event({ event: 'sign_in', actor: HOSTILE, subject: HOSTILE, detail: HOSTILE })
  await audit.close()
  const logged: string[] = []
  createLog('info', { write: (line: string) => void logged.push(line) }).warn({ why: HOSTILE }, HOSTILE)
  for (const line of [readFileSync(file, 'utf8').trimEnd(), logged.join('').trimEnd()]) {
    expect(line).not.toMatch(UNSEEN)
    expect(Object.values(JSON.parse(line) as object)).toContain(HOSTILE)
  }
})

test.each([['explain'], ['explain', '--json']])('K30 what a command prints: %s', async (...flags) => {
  const claims = {
    iss: 'https://login.example',
    sub: HOSTILE,
    client_id: HOSTILE,
    scope: 'a',
    aud: HOSTILE,
    exp: 1,
  }
  const files = {
    'gateway.yaml': gatewayYaml([], 'https://login.example'),
    'claims.json': JSON.stringify(claims),
  }
  const io = recordingIo({ cwd: folderWith(files) })
  await cli([...flags, '--route', 'notes', '--claims', 'claims.json', 'tools/call', HOSTILE], io)
  expect(io.out() + io.err()).toContain('\\u009b31m')
  expect(io.out() + io.err()).not.toMatch(UNSEEN)
})

test('K30 colours of our own stay where the terminal wants them, and nobody else’s', async () => {
  const io = { ...recordingIo(), colour: true }
  await cli(['\x1b[31mred\x1b[0m\x1b]0;title\x07'], io)
  expect(io.err()).not.toMatch(/\x1b\]|\x07/)
})

test.each([['help'], ['schema'], ['explain', '--help']])(
  'K31 a reader that leaves ends %s quietly',
  async (...args) => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy()
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    expect([said, code]).toEqual(['', 0])
  },
)
