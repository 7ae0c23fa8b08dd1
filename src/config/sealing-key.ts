// Keys that sessions, cookies and data are sealed with (G6, A50): long enough, and not one that others can guess. There
// is no default. Randomness cannot be measured, so only keys that are plainly not random are refused.
import { secret } from './scalars.ts'

const LEAST_LENGTH = 32
const MIN_DIFFERENT = 6
const MAKE_ONE = 'make one with: openssl rand -base64 32'
const SHORT = `expected at least ${LEAST_LENGTH} bytes; ${MAKE_ONE}`
const KNOWN = `expected a key that nobody can guess; this one repeats itself or stands in samples; ${MAKE_ONE}`

/** What keys in samples, templates and answers on the web are made of, without case and punctuation. */
const SAMPLES = [
  'changeme',
  'changethis',
  'changeit',
  'changein',
  'replaceme',
  'replacethis',
  'replacewith',
  'placeholder',
  'yoursecret',
  'yoursecure',
  'yoursession',
  'yourcookie',
  'yourkey',
  'yourown',
  'your256bit',
  'yourlong',
  'mysecret',
  'mysession',
  'mycookie',
  'supersecret',
  'topsecret',
  'verysecret',
  'notsosecret',
  'secretsecret',
  'secretkey',
  'sessionkey',
  'sessionsecret',
  'cookiesecret',
  'testsecret',
  'devsecret',
  'defaultsecret',
  'keyboardcat',
  'correcthorse',
  'loremipsum',
  'password',
  'insecure',
  'donotuse',
  'example',
  'atleast32',
  '32characters',
  '32chars',
  '32bytes',
  'mustbe',
  'generated',
  'abcdefgh',
  '12345678',
  'qwertyui',
]

export const sealingKey = secret
  .refine((value) => new TextEncoder().encode(value.reveal()).length >= LEAST_LENGTH, {
    message: SHORT,
    abort: true,
  })
  .refine((value) => !isKnown(value.reveal()), KNOWN)

function isKnown(key: string): boolean {
  const plain = key.toLowerCase().replace(/[^a-z0-9]/g, '')
  return (
    new Set(key).size < MIN_DIFFERENT || isRepeated(key) || SAMPLES.some((sample) => plain.includes(sample))
  )
}

/** Whether the key consists of one piece, repeated at least twice. */
function isRepeated(key: string): boolean {
  const longest = Math.floor(key.length / 2)
  return Array.from({ length: longest }, (_, index) => index + 1).some((size) =>
    key.startsWith(key.slice(size)),
  )
}
