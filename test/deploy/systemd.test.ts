// The unit: verified by systemd, and as closed as it says. Seen with systemd 252.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
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
