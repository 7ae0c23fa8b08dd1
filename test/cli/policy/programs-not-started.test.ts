// `check`, `explain`, `matrix` and `diff` read a file with `command` and never start what it names. The program of this file
// leaves a file behind wherever it is started.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { cli } from '../../../src/cli/cli.ts'
import { startIssuer } from '../../support/issuer.ts'
import { gatewayYaml, RESOURCE } from '../shared/gateway-yaml.ts'
import { folderWith, recordingIo } from '../shared/recording-io.ts'

let cwd = ''
const wasStarted = () => existsSync(join(cwd, 'started'))

const SPY = `
import { writeFileSync } from 'node:fs'
writeFileSync('started', '')
await import(process.argv[2])
`
const PLAIN = join(import.meta.dirname, '../../support/program/plain.mjs')

beforeEach(() => {
  const claims = {
    iss: 'http://127.0.0.1:9',
    aud: RESOURCE,
    sub: 'ada',
    exp: Math.floor(Date.now() / 1_000) + 600,
  }
  const files = { 'claims.json': JSON.stringify({ ...claims, scope: 'notes:read' }) }
  cwd = folderWith({ 'spy.mjs': SPY, ...files })
  useFile('http://127.0.0.1:9')
})

function useFile(issuer: string): void {
  const program = `upstream: { command: ["${process.execPath}", spy.mjs, "${PLAIN}"] }`
  const text = gatewayYaml([], issuer).replace('upstream: http://127.0.0.1:3001/mcp', program)
  writeFileSync(join(cwd, 'gateway.yaml'), text)
  writeFileSync(join(cwd, 'old.yaml'), text.replace('list_notes', 'read_notes'))
}

async function run(...words: readonly string[]) {
  const io = recordingIo({ cwd })
  const code = await cli(words, io)
  return { code, out: io.out(), err: io.err() }
}

const QUIET: readonly (readonly [code: number, out: RegExp, words: readonly string[]])[] = [
  [0, /gateway.yaml is fine/, ['check']],
  [0, /"ok": ?true/, ['check', '--json']],
  [1, /gateway.yaml is fine/, ['check', '--upstream']],
  [0, /allowed/, ['explain', '--route', 'notes', '--claims', 'claims.json', 'tools/call', 'list_notes']],
  [0, /list_notes/, ['matrix']],
  [0, /"rule"/, ['matrix', '--json', '--route', 'notes']],
  [1, /list_notes/, ['diff', 'old.yaml', 'gateway.yaml']],
]

test.each(QUIET)('exits %d, prints %s and starts nothing: %j', async (code, out, words) => {
  const answer = await run(...words)
  expect([answer.code, answer.out]).toEqual([code, expect.stringMatching(out)])
  expect(wasStarted()).toBe(false)
})

test('check --upstream says why, and what to ask instead', async () => {
  expect((await run('check', '--upstream')).err).toContain(
    'notes: its server is a program, which check does not start; see portcullis inventory',
  )
})

test('inventory starts it', async () => {
  const issuer = await startIssuer()
  useFile(issuer.url)
  const { code, out } = await run('inventory', '--route', 'notes')
  await issuer.close()
  expect([code, out]).toEqual([0, expect.stringContaining('echo')])
  expect(wasStarted()).toBe(true)
})
