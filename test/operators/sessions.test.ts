// Sessions of operators and the words that begin one: how long they last, how many there are, and what ends them.
import { expect, test } from 'vitest'
import type { Operator } from '../../src/core/operator.ts'
import { createEntryWords } from '../../src/operators/entry-words.ts'
import { createOperatorSessions } from '../../src/operators/sessions.ts'

const MINUTE = 60_000
const operator = (name: string): Operator => ({ name, rights: new Set(['view']) })

function clocked() {
  const clock = { ms: 1_000 }
  return { clock, sessions: createOperatorSessions(() => clock.ms) }
}

test('a session is found by its id, with a form token of its own', () => {
  const { sessions } = clocked()
  const [one, two] = [sessions.begin(operator('ada'), 'file'), sessions.begin(operator('ada'), 'file')]
  expect(one.id).not.toBe(two.id)
  expect(one.id).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(sessions.find(one.id, 'file', true)?.operator.name).toBe('ada')
  expect(sessions.find(one.id, 'file', true)?.formToken).not.toBe(
    sessions.find(two.id, 'file', true)?.formToken,
  )
  expect(sessions.find(`${one.id.slice(0, -1)}!`, 'file', true)).toBeUndefined()
})

test('it ends after 30 minutes without a request, and what only looks is none', () => {
  const { clock, sessions } = clocked()
  const { id } = sessions.begin(operator('ada'), 'file')
  clock.ms += 29 * MINUTE
  expect(sessions.find(id, 'file', true)).toBeDefined()
  clock.ms += 29 * MINUTE
  expect(sessions.find(id, 'file', false)).toBeDefined()
  clock.ms += MINUTE
  expect(sessions.find(id, 'file', false)).toBeUndefined()
  expect(sessions.find(id, 'file', true)).toBeUndefined()
})

test('it ends after 12 hours, however much it is used', () => {
  const { clock, sessions } = clocked()
  const { id, lifeSeconds } = sessions.begin(operator('ada'), 'file')
  expect(lifeSeconds).toBe(12 * 60 * 60)
  for (let step = 0; step < 12 * 6 - 1; step += 1) {
    clock.ms += 10 * MINUTE
    expect(sessions.find(id, 'file', true)).toBeDefined()
  }
  clock.ms += 10 * MINUTE
  expect(sessions.find(id, 'file', true)).toBeUndefined()
})

test('it ends for good when what gave the rights has changed', () => {
  const { sessions } = clocked()
  const { id } = sessions.begin(operator('ada'), 'file')
  expect(sessions.find(id, 'another', true)).toBeUndefined()
  expect(sessions.find(id, 'file', true)).toBeUndefined()
})

test('an operator has 16, and loses their own oldest', () => {
  const { sessions } = clocked()
  const { id: other } = sessions.begin(operator('bob'), 'file')
  const ids = Array.from({ length: 17 }, () => sessions.begin(operator('ada'), 'file').id)
  const lives = ids.map((id) => sessions.find(id, 'file', true) !== undefined)
  expect(lives).toEqual([false, ...Array.from({ length: 16 }, () => true)])
  expect(sessions.find(other, 'file', true)).toBeDefined()
})

test('names are told apart by issuer', () => {
  const { sessions } = clocked()
  const person = (issuer: string): Operator => ({ ...operator('ada'), issuer, subject: 'ada' })
  const { id } = sessions.begin(person('https://a.example'), 'file')
  for (let n = 0; n < 20; n += 1) sessions.begin(person('https://b.example'), 'file')
  expect(sessions.find(id, 'file', true)?.operator.issuer).toBe('https://a.example')
})

test('where all 512 are taken, whoever has the most loses one', () => {
  const { sessions } = clocked()
  const { id: single } = sessions.begin(operator('single'), 'file')
  for (let n = 0; n < 600; n += 1) sessions.begin(operator(`crowd ${n % 40}`), 'file')
  expect(sessions.find(single, 'file', true)).toBeDefined()
})

test('a word is good once', () => {
  const words = createEntryWords(() => 0)
  const word = words.make()
  expect(words.spend(`${word}x`)).toBe(false)
  expect(words.spend(word)).toBe(true)
  expect(words.spend(word)).toBe(false)
})

test('… for ten minutes, and is spent even when it is too late', () => {
  const clock = { ms: 0 }
  const words = createEntryWords(() => clock.ms)
  const [early, late] = [words.make(), words.make()]
  clock.ms = 10 * MINUTE - 1
  expect(words.spend(early)).toBe(true)
  clock.ms = 10 * MINUTE
  expect(words.spend(late)).toBe(false)
  clock.ms = 0
  expect(words.spend(late)).toBe(false)
})

test('16 words wait at most; the oldest goes', () => {
  const words = createEntryWords(() => 0)
  const made = Array.from({ length: 17 }, () => words.make())
  expect(made.map((word) => words.spend(word))).toEqual([false, ...Array.from({ length: 16 }, () => true)])
})
