// The process log as a person reads it.
import { expect, test } from 'vitest'
import type { LogLevel } from '../../src/observe/log.ts'
import { createWordsLog } from '../../src/observe/words-log.ts'

function logged(options: { level?: LogLevel; colour?: boolean; every?: object } = {}) {
  const lines: string[] = []
  const destination = { write: (line: string) => lines.push(line) }
  const log = createWordsLog({ level: 'info', colour: false, ...options, destination })
  return { log, lines }
}

test('time, severity, message, fields', () => {
  const { log, lines } = logged({ every: { worker: 2 } })
  log.info({ event: 'listening', listening: 'http://127.0.0.1:8080', admin: undefined }, 'listening')
  log.warn({ event: 'x', changed: ['audit', 'listen'], next_ms: 20 }, 'these keys')
  log.error({ error: new Error('no room') }, 'it failed')
  expect(lines.map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''))).toEqual([
    'listening (listening: http://127.0.0.1:8080, worker: 2)\n',
    'warning: these keys (changed: audit, listen, next ms: 20, worker: 2)\n',
    'error: it failed (error: no room, worker: 2)\n',
  ])
  expect(lines.every((line) => /^\d\d:\d\d:\d\d /.test(line))).toBe(true)
})

test('below the level nothing is written', () => {
  const { log, lines } = logged({ level: 'error' })
  log.debug({}, 'a')
  log.info({}, 'b')
  log.warn({}, 'c')
  expect(lines).toEqual([])
  const silent = logged({ level: 'silent' })
  silent.log.error({}, 'd')
  expect(silent.lines).toEqual([])
})

test('one entry is one line, and acts on no terminal', () => {
  const { log, lines } = logged()
  log.warn({ why: 'a\r\nb\u001b[2J\u009b31m\u202e "c" \\d' }, 'x\ny')
  expect(lines).toHaveLength(1)
  expect(lines[0]?.slice(0, -1)).not.toMatch(/[\p{C}]/u)
  expect(lines[0]).toContain('"c" \\d')
})

test('colours where they are wanted', () => {
  const { log, lines } = logged({ colour: true })
  log.warn({}, 'a')
  log.info({}, 'b')
  expect(lines[0]).toMatch(/^\u001b\[33m.* warning: a\u001b\[0m\n$/)
  expect(lines[1]).not.toContain('\u001b')
})
