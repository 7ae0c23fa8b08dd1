// The person who agrees to everything exists in `token --serve`, and in the demo that runs the same: no key of a file, no
// variable and no option of the library leads there.
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { agreeingPerson } from '../../../src/cli/dev-issuer/agreeing-person.ts'
import { startDevIssuer } from '../../../src/cli/dev-issuer/listen.ts'
import { importsOf } from '../../support/layers.ts'
import { SOURCES } from '../../support/sources.ts'
import { newKey } from './support.ts'

const FOLDER = 'src/cli/dev-issuer/'

const codeOf = (path: string) => SOURCES.find((source) => source.path === path)?.code ?? ''
const holding = (pattern: RegExp) => SOURCES.filter(({ code }) => pattern.test(code)).map(({ path }) => path)

describe('who reaches it', () => {
  test('the command and the demo alone import the development issuer', () => {
    const from = SOURCES.filter(
      (source) =>
        !source.path.startsWith(FOLDER) &&
        importsOf(source).some((name) => join(dirname(source.path), name).startsWith(FOLDER)),
    )
    expect(from.map(({ path }) => path).sort()).toEqual([
      'src/cli/cli.ts',
      'src/cli/demo/demo.ts',
      'src/cli/demo/stack.ts',
    ])
  })

  test('a gateway makes its authorization server with the real people and its own routes', () => {
    const makers = holding(/\bcreateAuthorizationServer\(/).filter((path) => !path.startsWith('src/as/'))
    expect(makers.sort()).toEqual([`${FOLDER}issuer.ts`, 'src/gateway/embedded.ts'])
    const composed = codeOf('src/gateway/embedded.ts')
    expect(composed.match(/\bpeople\b.*/g)).toEqual(['people: createPeople,'])
    expect(composed).not.toMatch(/^ +resources[:,]/m)
    expect(holding(/\bagreeingPerson\b/).sort()).toEqual([
      `${FOLDER}agreeing-person.ts`,
      `${FOLDER}issuer.ts`,
    ])
  })

  test('no variable and no file decides it', () => {
    const own = SOURCES.filter(({ path }) => path.startsWith(FOLDER))
    expect(own.length).toBeGreaterThan(5)
    expect(own.filter(({ code }) => /\benv\b|\bloadConfig\b/.test(code)).map(({ path }) => path)).toEqual([])
  })
})

describe('where it ends', () => {
  test.each(['0.0.0.0', '192.168.1.2', '[::]', 'issuer.example'])(
    'it does not listen on %s',
    async (host) => {
      const options = { key: await newKey(), subject: 'x', ttlSeconds: 60, log: () => undefined }
      const started = await startDevIssuer({ host, port: 0 }, options)
      expect(started).toEqual({ ok: false, message: `${host} is not a loopback address` })
    },
  )

  test.each([
    ['http://127.0.0.1:5000/cb', true],
    ['http://localhost/cb', true],
    ['https://c.example/cb', false],
    ['http://c.example/cb', false],
    ['http://127.0.0.1.evil.example/cb', false],
    ['https://127.0.0.1/cb', false],
    ['myapp:/cb', false],
  ])('A03: the person and %s: %s', async (redirectUri, agrees) => {
    const person = await agreeingPerson('x')({} as never, {} as never)
    const request = { clientId: 'c', redirectUri, resource: 'http://127.0.0.1/mcp', scopes: [] }
    expect(await person.hasConsented('x', request)).toBe(agrees)
  })
})
