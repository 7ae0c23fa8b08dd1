// The key of checkpoints: read, made, refused.
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import {
  isSignedBy,
  keyId,
  openCheckpointKey,
  readPublicKey,
} from '../../../src/observe/chain/signing-key.ts'

function folderOfTest(): string {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-key-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test('made on first use: the private key for its owner alone, the public one beside it; then it is the same', () => {
  const file = join(folderOfTest(), 'audit.key')
  const [made, again] = [openCheckpointKey(file), openCheckpointKey(file)]
  expect(again.id).toBe(made.id)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const publicKey = readPublicKey(`${file}.pub`)
  expect(keyId(publicKey)).toBe(made.id)
  expect(isSignedBy(publicKey, 'said', made.sign('said'))).toBe(true)
  expect(isSignedBy(publicKey, 'Said', made.sign('said'))).toBe(false)
})

test('a link to nothing is told as such', () => {
  const file = join(folderOfTest(), 'audit.key')
  symlinkSync(`${file}.gone`, file)
  expect(() => openCheckpointKey(file)).toThrow(`audit.key: ${file} cannot be written (a link to nothing)`)
})

test('a key that openssl made is taken', () => {
  const file = join(folderOfTest(), 'own.key')
  execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', file])
  const printed = execFileSync('openssl', ['pkey', '-in', file, '-pubout'], { encoding: 'utf8' })
  writeFileSync(`${file}.pub`, printed)
  expect(keyId(readPublicKey(`${file}.pub`))).toBe(openCheckpointKey(file).id)
})

test('the public key is written again where it is missing, if it can be', () => {
  const file = join(folderOfTest(), 'audit.key')
  const { id } = openCheckpointKey(file)
  rmSync(`${file}.pub`)
  openCheckpointKey(file)
  expect(keyId(readPublicKey(`${file}.pub`))).toBe(id)
  rmSync(`${file}.pub`)
  symlinkSync(join(file, 'nowhere'), `${file}.pub`)
  expect(openCheckpointKey(file).id).toBe(id)
})

test.each([0o640, 0o604, 0o660])('a key that others may read is refused: %o', (mode) => {
  const file = join(folderOfTest(), 'audit.key')
  openCheckpointKey(file)
  chmodSync(file, mode)
  expect(() => openCheckpointKey(file)).toThrow(
    `audit.key: ${file} cannot be used: others may read it; chmod 600 it, and use a new key`,
  )
})

test('refused with what to do, and without a word of what is in the file', () => {
  const folder = folderOfTest()
  const file = join(folder, 'audit.key')
  writeFileSync(
    file,
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
    { mode: 0o600 },
  )
  const words = `${file} holds no Ed25519 key in PEM; openssl genpkey -algorithm ed25519 makes one`
  expect(() => openCheckpointKey(file)).toThrow(words)
  writeFileSync(file, 'a secret that is no key')
  expect(() => openCheckpointKey(file)).toThrow(words)
  openCheckpointKey(join(folder, 'made.key'))
  expect(() => readPublicKey(join(folder, 'made.key'))).toThrow('holds the private key; give the public one')
  expect(() => openCheckpointKey(join(folder, 'absent', 'audit.key'))).toThrow('cannot be written (ENOENT)')
  expect(readFileSync(file, 'utf8')).toBe('a secret that is no key')
})
