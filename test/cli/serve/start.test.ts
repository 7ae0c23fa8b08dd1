// A gateway that cannot start says so in a sentence, and its process ends: nothing that was opened holds it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../../support/free-port.ts'
import { folderWith } from '../shared/recording-io.ts'

const MAIN = join(import.meta.dirname, '../../../src/main.ts')
const TAKEN = 'another program listens there already;'

let other: Server
let taken: number

beforeAll(async () => {
  other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  taken = (other.address() as AddressInfo).port
})
afterAll(() => other.close())

async function portcullis(args: readonly string[], cwd: string, stdin = '') {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, stdio: 'pipe', timeout: 30_000 })
  child.stdin.end(stdin)
  const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  return { code: code as number | null, err }
}

const file = (listen: number, admin: number) => `
public_url: http://127.0.0.1:${listen}
listen: 127.0.0.1:${listen}
admin: { listen: "127.0.0.1:${admin}" }
issuers:
  builtin: { embedded: true }
routes:
  - { name: a, path: /a/mcp, upstream: "http://127.0.0.1:1/mcp", issuers: [builtin], scopes: [a] }
`

test.each([
  ['the public address', () => file(taken, 0)],
  ['the admin address', async () => file(await freePort(), taken)],
])('run, where %s is taken', async (_, yaml) => {
  const { code, err } = await portcullis(['run'], folderWith({ 'gateway.yaml': await yaml() }))
  const cure = 'write another address into the file, under `listen` or `admin.listen`'
  expect(err).toBe(`portcullis run: cannot listen on 127.0.0.1:${taken}: ${TAKEN} ${cure}\n`)
  expect(code).toBe(1)
})

test('run, where the audit has no folder', async () => {
  const yaml = `${file(await freePort(), 0)}audit: { file: absent/audit.jsonl }\n`
  const { code, err } = await portcullis(['run'], folderWith({ 'gateway.yaml': yaml }))
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(
      /^portcullis run: audit\.file: .*absent\/audit\.jsonl cannot be written \(ENOENT\); give it to the user that runs .*\n$/,
    ),
  ])
})

test('protect, where the address is taken', async () => {
  const args = ['protect', 'http://127.0.0.1:1/mcp', '--user', 'ada', '--password-stdin']
  const { code, err } = await portcullis(
    [...args, '--listen', `127.0.0.1:${taken}`],
    folderWith({}),
    'correct horse battery\n',
  )
  expect(err).toBe(
    `portcullis protect: cannot listen on 127.0.0.1:${taken}: ${TAKEN} choose another with --listen or --admin\n`,
  )
  expect(code).toBe(1)
})
