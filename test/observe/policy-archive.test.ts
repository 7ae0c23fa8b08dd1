// Policies kept by digest: whole or not at all, once, for their owner only; and what happens where they cannot be.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { contentDigest } from '../../src/lib/content-digest.ts'
import { createPolicyArchive, readArchivedPolicy } from '../../src/observe/policy-archive.ts'

const POLICY = { digest: contentDigest('the text'), text: () => 'the text' }
const OTHER = { digest: contentDigest('another'), text: () => 'another' }
const folder = () => join(mkdtempSync(join(tmpdir(), 'portcullis-policies-')), 'made', 'policies')

function open(directory: string | undefined, required = false) {
  const told: object[] = []
  const log = { error: (fields: object, message: string) => void told.push({ ...fields, message }) }
  return { archive: createPolicyArchive({ directory, required, log }), told }
}

describe('a policy that is kept', () => {
  test('stands under its digest, in a directory and a file of its owner', () => {
    const directory = folder()
    const { archive, told } = open(directory)
    archive.keep(POLICY)
    const file = join(directory, `${POLICY.digest}.json`)
    expect(readFileSync(file, 'utf8')).toBe('the text')
    expect([statSync(file).mode & 0o777, statSync(directory).mode & 0o777, told]).toEqual([0o600, 0o700, []])
    expect(readdirSync(directory)).toHaveLength(1) // nothing is left beside it
    expect(readArchivedPolicy(directory, POLICY.digest)).toEqual({ ok: true, text: 'the text' })
  })

  test('is written once, also by the next process', () => {
    const directory = folder()
    let made = 0
    const text = () => {
      made += 1
      return 'the text'
    }
    const counted = { ...POLICY, text }
    const { archive } = open(directory)
    archive.keep(counted)
    archive.keepLater(counted)
    open(directory).archive.keep(counted)
    expect(made).toBe(1)
  })

  test('may be kept by two processes that began together', () => {
    const directory = folder()
    const [one, two] = [open(directory).archive, open(directory).archive]
    one.keep(OTHER)
    two.keep(OTHER)
    one.keep(POLICY)
    two.keep(POLICY)
    expect(readdirSync(directory).sort()).toEqual([`${OTHER.digest}.json`, `${POLICY.digest}.json`].sort())
  })

  test('goes when there are many, and was loaded longest ago', () => {
    const directory = folder()
    const archive = createPolicyArchive({ directory, required: true, log: { error() {} }, most: 10 })
    const policies = Array.from({ length: 11 }, (_, index) => ({
      digest: contentDigest(`${index}`),
      text: () => `${index}`,
    }))
    const fileOf = (index: number) => join(directory, `${policies[index]?.digest}.json`)
    for (const [index, policy] of policies.slice(0, 10).entries()) {
      archive.keep(policy)
      utimesSync(fileOf(index), index, index)
    }
    writeFileSync(join(directory, 'notes.txt'), 'of somebody')
    archive.keep(policies[0] ?? POLICY) // loaded again
    archive.keepLater(policies[10] ?? POLICY)
    const left = policies.flatMap((_, index) => (existsSync(fileOf(index)) ? [index] : []))
    expect(left).toEqual([0, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(existsSync(join(directory, 'notes.txt'))).toBe(true)
  })

  test('is kept again where it was removed meanwhile', () => {
    const directory = folder()
    const { archive } = open(directory)
    archive.keep(POLICY)
    rmSync(join(directory, `${POLICY.digest}.json`))
    archive.keep(POLICY)
    expect(readArchivedPolicy(directory, POLICY.digest)).toMatchObject({ ok: true })
  })

  test('without a directory nothing is made', () => {
    const { archive } = open(undefined, true)
    archive.keep({ ...POLICY, text: () => expect.unreachable() })
  })
})

describe('a policy that cannot be kept', () => {
  const blocked = () => {
    const file = join(mkdtempSync(join(tmpdir(), 'portcullis-policies-')), 'policies')
    writeFileSync(file, '')
    return file
  }

  test('is told, and the gateway goes on', () => {
    const { archive, told } = open(blocked())
    archive.keep(POLICY)
    expect(told).toEqual([
      {
        event: 'policy_not_kept',
        policy: POLICY.digest,
        message: expect.stringMatching(/^audit\.policies: .*EEXIST/),
      },
    ])
  })

  test('ends the start where the audit is required; a policy that comes later is only told', () => {
    const { archive, told } = open(blocked(), true)
    expect(() => archive.keep(POLICY)).toThrow(/^audit\.policies: .* cannot be written/)
    archive.keepLater(POLICY)
    expect(told).toHaveLength(1)
  })

  test('is tried again with the next one', () => {
    const directory = folder()
    const { archive, told } = open(directory)
    archive.keep(POLICY)
    mkdirSync(join(directory, `${OTHER.digest}.json`)) // nothing can be renamed over a folder
    archive.keep(OTHER)
    expect(told).toHaveLength(1)
    expect(readdirSync(directory).filter((name) => name.startsWith('.'))).toEqual([])
  })
})

describe('reading', () => {
  test.each([
    ['what is not there', OTHER.digest, 'absent'],
    ['what is no digest', '../../etc/passwd', 'absent'],
  ])('%s', (_what, digest, why) => {
    const directory = folder()
    open(directory).archive.keep(POLICY)
    expect(readArchivedPolicy(directory, digest)).toEqual({ ok: false, why })
  })

  test('a file that somebody changed is not believed', () => {
    const directory = folder()
    open(directory).archive.keep(POLICY)
    const file = join(directory, `${POLICY.digest}.json`)
    chmodSync(file, 0o600)
    writeFileSync(file, 'the next')
    expect(readArchivedPolicy(directory, POLICY.digest)).toEqual({ ok: false, why: 'changed' })
  })
})
