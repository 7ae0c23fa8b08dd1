// A file that holds `command` decides what is run: it does not load where others may write it, or put another in its place.
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getgid, getuid } from 'node:process'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { file, problemsOf } from './support.ts'

const MAIN = join(import.meta.dirname, '../../src/main.ts')
const STRANGER = 12_345
const PROGRAM = '{ command: [node, server.js] }'

let home = ''
let path = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'file-trust-'))
  mkdirSync(join(home, 'above/etc'), { recursive: true })
  path = join(home, 'above/etc/gateway.yaml')
  writeFileSync(path, file({ upstream: PROGRAM }), { mode: 0o644 })
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const errorsOf = (name = path) =>
  problemsOf(loadConfig({ file: name, env: {} }))
    .filter(({ severity }) => severity === 'error')
    .map(({ message }) => message)

test('a file of its own user, in folders of its own and of root, loads', () => {
  expect(errorsOf()).toEqual([])
})

interface Spoilt {
  readonly what: string
  /** Returns what is loaded, where that is not the file itself. */
  readonly spoil: () => string | undefined
  readonly words: RegExp
  readonly needsRoot?: true
}

const SPOILT: readonly Spoilt[] = [
  {
    what: 'everyone may write it',
    spoil: () => void chmodSync(path, 0o646),
    words: /nobody else may write this file: everyone on this machine may write .*gateway\.yaml; chmod o-w/,
  },
  {
    what: 'everyone may write its folder',
    spoil: () => void chmodSync(join(home, 'above/etc'), 0o777),
    words: /everyone on this machine may write .*etc; chmod o-w/,
  },
  {
    what: 'everyone may exchange a folder above it',
    spoil: () => void chmodSync(join(home, 'above'), 0o777),
    words: /everyone on this machine may write .*above; chmod o-w/,
  },
  {
    what: 'it is a link to where everyone may write',
    spoil: () => {
      chmodSync(join(home, 'above'), 0o777)
      symlinkSync(path, join(home, 'link.yaml'))
      return join(home, 'link.yaml')
    },
    words: /everyone on this machine may write .*above; chmod o-w/,
  },
  {
    what: 'it is a link in a folder where everyone may write',
    spoil: () => {
      mkdirSync(join(home, 'open'))
      chmodSync(join(home, 'open'), 0o777)
      symlinkSync(path, join(home, 'open/link.yaml'))
      return join(home, 'open/link.yaml')
    },
    words: /everyone on this machine may write .*open; chmod o-w/,
  },
  {
    what: 'a group of others may write it',
    spoil: () => {
      chownSync(path, 0, STRANGER)
      chmodSync(path, 0o664)
      return undefined
    },
    words: /the group of .*gateway\.yaml may write it; chmod g-w/,
    needsRoot: true,
  },
  {
    what: 'it belongs to somebody else',
    spoil: () => void chownSync(path, STRANGER, 0),
    words: /gateway\.yaml belongs to another user; chown it/,
    needsRoot: true,
  },
  {
    what: 'its folder belongs to somebody else, whom no sticky bit holds',
    spoil: () => {
      chownSync(join(home, 'above/etc'), STRANGER, 0)
      chmodSync(join(home, 'above/etc'), 0o1755)
      return undefined
    },
    words: /etc belongs to another user; chown it/,
    needsRoot: true,
  },
]

describe.skipIf(getuid === undefined)('a file with `command` does not load where', () => {
  test.for(SPOILT)('$what', ({ spoil, words, needsRoot }, { skip }) => {
    if (needsRoot && getuid?.() !== 0 && process.env['CI'] !== 'true') {
      console.warn('skipped: only root may give a file to somebody else')
      return skip('only root may give a file to somebody else')
    }
    expect(errorsOf(spoil())).toEqual([expect.stringMatching(words)])
  })
})

test('a group in which nobody else is may write it', () => {
  chmodSync(path, 0o664)
  const isOwnGroup = getgid?.() === getuid?.() // as root, and as most people
  expect(errorsOf()).toEqual(isOwnGroup ? [] : [expect.stringContaining('the group of')])
})

test('a file without `command` loads, with a warning', () => {
  writeFileSync(path, file())
  chmodSync(path, 0o666)
  const loaded = loadConfig({ file: path, env: {} })
  expect([loaded.ok, problemsOf(loaded).map(({ message }) => message)]).toEqual([
    true,
    ['everyone on this machine may write this file; chmod o-w'],
  ])
})

test('`run` does not start with such a file, and says what to do', () => {
  chmodSync(path, 0o666)
  const options = { encoding: 'utf8', timeout: 15_000 } as const // one that starts would serve for ever
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'run', '-c', path], options)
  expect([status, stderr]).toEqual([78, expect.stringContaining('so nobody else may write this file')])
})
