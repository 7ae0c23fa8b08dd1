// `portcullis demo` as a user runs it: a process of its own, the whole story, nothing left behind.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'

const MAIN = new URL('../../../src/main.ts', import.meta.url).pathname
const LONG_MS = 60_000

function start(args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, 'demo', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  const ended = once(child, 'close')
  return {
    child,
    out: () => out,
    err: () => err,
    seen: async (pattern: RegExp) => {
      for (;;) {
        const match = pattern.exec(out)
        if (match !== null) return match[1] ?? ''
        await Promise.race([
          once(child.stdout, 'data'),
          ended.then(() => Promise.reject(new Error(out + err))),
        ])
      }
    },
    code: async () => (await ended)[0] as number,
  }
}

const OWN_STEPS = [
  'holds a token for this server alone',
  'sees and calls only what it may use',
  'asks the person for one more scope, and the call goes through',
  'renews a token that ran out, without the person',
  'is refused at its next call, once an operator has revoked',
  'has left its traces in the audit',
]

const STEPS = [
  'signs in: registration, PKCE, token',
  'sees only the tools it may use',
  'calls a tool it may use',
  'is denied a tool that no scope can open',
  'is asked for one more scope',
  'steps up, and the call goes through',
  'watches a long job while it runs',
]

describe('portcullis demo', () => {
  test('--once: every step with both official clients, exit 0, no colours, no token', {
    timeout: LONG_MS,
  }, async () => {
    const demo = start(['--once'])
    expect(await demo.code(), demo.out() + demo.err()).toBe(0)
    const out = demo.out()
    expect(out).toContain('✓ is refused, and told where to learn more')
    expect(out).toContain('✓ finds the resource metadata (RFC 9728)')
    expect(out).toContain('✓ cannot use a token that was made for another server')
    expect(out).toContain('✓ registers itself (RFC 7591); a person signs in and agrees')
    expect(out).toContain('✓ is known by its metadata document; a person signs in and agrees')
    expect(out).toMatch(/careful {5}client metadata is fetched from 127\.0\.0\.1:\d+ although/)
    for (const title of [...OWN_STEPS, ...STEPS]) expect(out.split(`✓ ${title}\n`), title).toHaveLength(3)
    expect(out).toMatch(/revoked by operator /)
    expect(out).toMatch(/progress 1, .*echo.*, result/)
    expect(out).toMatch(/All 34 steps went as they should\.\n$/)
    expect(out).not.toMatch(/✗|\u001b|eyJ/)
    // The SDK says itself that its refresh token was refused.
    expect(demo.err().replace(/^\[mcp-sdk\] OAuth "invalid_grant".*\n/gm, '')).toBe('')
  })

  test('--external: the part with an issuer elsewhere alone', { timeout: LONG_MS }, async () => {
    const demo = start(['--once', '--external'])
    expect(await demo.code(), demo.out() + demo.err()).toBe(0)
    for (const title of STEPS) expect(demo.out().split(`✓ ${title}\n`), title).toHaveLength(3)
    expect(demo.out()).toMatch(/All 17 steps went as they should\.\n$/)
    expect(demo.out()).not.toContain('a person signs in')
  })

  test('keeps everything running until interrupted, then leaves nothing', { timeout: LONG_MS }, async () => {
    const demo = start([])
    const config = await demo.seen(/^ {2}file {6}(\S+)$/m)
    await demo.seen(/(Ctrl-C ends it)/)
    const url = /^ {2}curl -i -X POST (\S+)$/m.exec(demo.out())?.[1] ?? ''
    const [, issuer, data] = /^ {2}curl -s -u portcullis:dev-only (\S+)\/token (.*)$/ms.exec(demo.out()) ?? []
    expect((await fetch(url, { method: 'POST' })).status).toBe(401)
    const external = url.replace('/everything/', '/external/')
    expect((await fetch(external, { method: 'POST' })).status).toBe(401)
    expect(data).toContain(`-d resource=${external}`)
    expect((await fetch(`${issuer}/jwks`)).status).toBe(200)
    expect(readFileSync(config, 'utf8')).toContain('public_url: http://127.0.0.1:')

    demo.child.kill('SIGINT')
    expect(await demo.code()).toBe(0)
    expect(existsSync(dirname(config))).toBe(false)
    await expect(fetch(url, { method: 'POST' })).rejects.toThrow()
  })
})
