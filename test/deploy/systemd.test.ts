// The unit: verified by systemd, and as closed as it says. Seen with systemd 252.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { DEPLOY, missing } from './manifests.ts'

const UNIT = join(DEPLOY, 'systemd/portcullis.service')
const reason = missing(['systemd-analyze', '--version'])

test.skipIf(reason !== undefined)('systemd-analyze verify finds nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-unit-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const unit = join(folder, 'portcullis.service')
  // The program is not installed where the tests run; systemd wants one that exists.
  const text = readFileSync(UNIT, 'utf8').replace('/usr/bin/node', process.execPath)
  const verify = (written: string) => {
    writeFileSync(unit, written)
    return spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' }).stderr
  }
  expect(verify(text)).toBe('')
  expect(verify(text.replace('ProtectSystem=', 'ProtectSistem='))).toContain('ProtectSistem')
})

test.skipIf(reason !== undefined)('systemd-analyze security: exposure under 3', () => {
  const text = execFileSync('systemd-analyze', ['security', '--offline=true', UNIT], { encoding: 'utf8' })
  const level = Number(/Overall exposure level for portcullis.service: ([\d.]+)/.exec(text)?.[1])
  expect(level).toBeGreaterThan(0)
  expect(level).toBeLessThan(3)
})

// The watcher of programs and the workers must not hear the SIGTERM that is meant for the gateway (docs/programs.md).
test('a stop tells the gateway alone, and waits longer than everything in it', () => {
  const unit = readFileSync(UNIT, 'utf8')
  expect(unit).toMatch(/^KillMode=mixed$/m)
  const seconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])
  const yaml = `
public_url: http://127.0.0.1:8080
issuers: { corp: { issuer: https://issuer.example } }
routes: [{ name: a, path: /mcp, upstream: "http://127.0.0.1:9/mcp", issuers: [corp] }]
`
  const loaded = parseConfig(yaml, { file: 'gateway.yaml', env: {} })
  if (!loaded.ok) throw new Error('the file does not load')
  const { delayMs, timeoutMs } = loaded.settings.drain
  expect(seconds * 1_000).toBeGreaterThan(delayMs + timeoutMs + 4_000)
})
