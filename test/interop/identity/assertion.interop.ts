// A server in another language verifies an assertion as docs/identity.md says: the programs of the page, with the addresses of
// a running gateway, take what it sends and nothing else.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readKeyFile } from '../../../src/assertions/key-file.ts'
import { blocksOf } from '../../docs/page.ts'
import { startTestGateway, type TestGateway, toolCall } from '../../support/gateway.ts'
import type { Built } from '../world/contract.ts'
import { VERIFIERS } from './verifiers.ts'

const AUDIENCE = 'https://notes.internal'
const TYPE = 'mcp-assertion+jwt'
const PATIENCE_MS = 1_000_000

const folder = mkdtempSync(join(tmpdir(), 'portcullis-identity-'))
const file = join(folder, 'keys.json')
let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway({
    route: `    upstream_auth: { mode: assertion, audience: "${AUDIENCE}" }`,
    top: `assertions: { keys: "${file}" }`,
  })
})
afterAll(async () => {
  await gateway.close()
  rmSync(folder, { recursive: true, force: true })
})

async function sent(): Promise<string> {
  await gateway.post(toolCall('safe'))
  return String(gateway.upstream.received.at(-1)?.headers['x-mcp-assertion'])
}

/** Signed with the very key of the gateway, and not an assertion for this server. */
async function forged({ typ = TYPE, aud = AUDIENCE, iss = gateway.origin, life = 30 }): Promise<string> {
  const [key] = readKeyFile(file) ?? []
  if (key === undefined) throw new Error('no key')
  const now = Math.floor(Date.now() / 1_000)
  const token = new SignJWT({ iss, aud, sub: 'user-1', iat: now - 600, exp: now + life })
  return await token.setProtectedHeader({ alg: key.algorithm, typ, kid: key.kid }).sign(key.key)
}

/** Flips a bit in the signature. */
function damaged(token: string): string {
  const at = token.lastIndexOf('.') + 5
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
}

describe.each(VERIFIERS)('$language: $name', ({ language, build }) => {
  let program: Built
  beforeAll(async () => {
    const block = blocksOf('docs/identity.md').find((one) => one.language === language)
    program = await build((block?.text ?? '').replaceAll('https://mcp.example.com', gateway.origin))
  }, PATIENCE_MS)

  async function verify(token: string): Promise<string | undefined> {
    const [command, ...args] = program as readonly [string, ...string[]]
    try {
      return (await promisify(execFile)(command, [...args, token])).stdout.trim()
    } catch {
      return undefined
    }
  }

  test('takes what the gateway sends, and nothing else', async (context) => {
    if (typeof program === 'string') return context.skip(program)
    expect(await verify(await sent())).toBe('user-1')
    expect(await verify(await forged({}))).toBe('user-1') // so that what follows is refused for what is said of it
    for (const wrong of [
      { typ: 'at+jwt' },
      { aud: 'https://other.internal' },
      { iss: 'https://elsewhere.example' },
      { life: -300 },
    ])
      expect([wrong, await verify(await forged(wrong))]).toEqual([wrong, undefined])
    expect(await verify(damaged(await sent()))).toBeUndefined()
  })
})
