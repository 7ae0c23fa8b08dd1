// What was read is what is served: once, whole, and the inner of two keys alone.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { file, settingsOf } from './support.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-once-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('Y30 a file and its secrets that are replaced after they were read change nothing that was read', () => {
  const [path, secret] = [join(folder, 'gateway.yaml'), join(folder, 'key')]
  const text = (tool: string) =>
    file({ top: `session_key: "file:${secret}"`, rules: [`{ name: x, tools: [${tool}] }`] })
  const key = randomBytes(32).toString('hex')
  writeFileSync(secret, key)
  writeFileSync(path, text('safe'))
  const loaded = loadConfig({ file: path, env: {} })
  writeFileSync(path, text('danger'))
  writeFileSync(secret, randomBytes(32).toString('hex'))
  const settings = loaded.ok ? loaded.settings : undefined
  expect(settings?.routes[0]?.policy.rules[0]?.tools).toEqual(['safe'])
  expect(settings?.sessionKey?.reveal()).toBe(key)
})

it('Y30 a link that is swapped while a file is read gives one of the two, checked as a whole', () => {
  const [good, bad, path] = [join(folder, 'good'), join(folder, 'bad'), join(folder, 'gateway.yaml')]
  writeFileSync(good, file({ rules: ['{ name: x, tools: [safe] }'] }))
  writeFileSync(bad, file({ route: 'nonsense: true' }))
  symlinkSync(good, path)
  // The check runs after the file was read, which is when somebody could swap it.
  const swap = () => {
    const fresh = join(folder, 'fresh')
    symlinkSync(bad, fresh)
    renameSync(fresh, path)
    return []
  }
  const loaded = loadConfig({ file: path, env: {}, checks: [swap] })
  expect(loaded.ok && loaded.settings.routes[0]?.policy.rules[0]?.tools).toEqual(['safe'])
  expect(loadConfig({ file: path, env: {} }).ok).toBe(false)
})

it('Y16 of a key at two levels the inner one counts, and nothing on a route loosens its issuer', () => {
  const settings = settingsOf(
    file({
      top: 'mode: observe',
      issuer: 'algorithms: [ES256]\ntyp: at+jwt\nleeway: 1s',
      policy: 'mode: enforce\ndenial: in_band',
      rules: ['{ name: soft, tools: [a] }', '{ name: hard, tools: [b], denial: http }'],
      routes:
        '- { name: b, path: /b, upstream: "http://127.0.0.1:1", issuers: [corp], policy: { rules: [{ tools: [c] }] } }',
    }),
  )
  expect(settings.routes.map(({ policy }) => policy.mode)).toEqual(['enforce', 'observe'])
  expect(settings.routes.map(({ policy }) => policy.denial)).toEqual(['in_band', 'http'])
  expect(settings.routes[0]?.policy.rules.map(({ denial }) => denial)).toEqual([undefined, 'http'])
  expect(settings.issuers.get('corp')).toMatchObject({
    algorithms: ['ES256'],
    typ: 'at+jwt',
    leewaySeconds: 1,
  })
  for (const route of settings.routes) {
    for (const key of ['algorithms', 'typ', 'leewaySeconds', 'validation'])
      expect(route).not.toHaveProperty(key)
  }
})
