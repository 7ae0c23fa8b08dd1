// Changes in the ways that files change: written in place, renamed over, swapped under a symbolic link, removed and
// brought back. Each test waits for the call itself, never for a time.
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { watchFiles } from '../../src/config/watch-files.ts'

const INTERVAL_MS = 10
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watch-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Resolves when the change made by `edit` was told. */
async function told(path: string, edit: () => void): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const watcher = watchFiles([path, path], () => resolve(true), INTERVAL_MS)
  edit()
  const result = await promise
  watcher.close()
  return result
}

describe('watchFiles', () => {
  it('written in place', async () => {
    const path = join(folder, 'a')
    writeFileSync(path, '1')
    expect(await told(path, () => writeFileSync(path, '22'))).toBe(true)
  })

  it('renamed over, as editors do', async () => {
    const path = join(folder, 'a')
    writeFileSync(path, '1')
    expect(
      await told(path, () => {
        writeFileSync(join(folder, 'a~'), '1')
        renameSync(join(folder, 'a~'), path)
      }),
    ).toBe(true)
  })

  it('swapped under a symbolic link, as Kubernetes does', async () => {
    for (const [name, text] of [
      ['v1', '1'],
      ['v2', '2'],
    ] as const) {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'a'), text)
    }
    symlinkSync('v1', join(folder, '..data'))
    symlinkSync('..data/a', join(folder, 'a'))
    expect(
      await told(join(folder, 'a'), () => {
        symlinkSync('v2', join(folder, '..tmp'))
        renameSync(join(folder, '..tmp'), join(folder, '..data'))
      }),
    ).toBe(true)
  })

  it('removed and brought back', async () => {
    const path = join(folder, 'a')
    writeFileSync(path, '1')
    expect(
      await told(path, () => {
        unlinkSync(path)
        writeFileSync(path, '333')
      }),
    ).toBe(true)
  })

  it('one watcher can be closed without the other', async () => {
    const path = join(folder, 'a')
    writeFileSync(path, '1')
    let calls = 0
    watchFiles([path], () => calls++, INTERVAL_MS).close()
    expect(await told(path, () => writeFileSync(path, '22'))).toBe(true)
    expect(calls).toBe(0)
  })
})
