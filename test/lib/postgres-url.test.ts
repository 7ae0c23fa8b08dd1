// URLs of PostgreSQL servers: what they mean, and what is refused rather than overlooked.
import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { isPostgresUrl, readPostgresUrl, shownData } from '../../src/lib/postgres-url.ts'

const read = (rest: string) => readPostgresUrl(`postgres://ada:s%40cret@${rest}`)

test('a whole one', () => {
  expect(read('db.example.com:6000/notes?schema=mcp&sslrootcert=/ca.pem')).toEqual({
    ok: true,
    address: {
      ...{ host: 'db.example.com', port: 6000, user: 'ada', password: 's@cret', database: 'notes' },
      ...{ schema: 'mcp', tls: true, rootCertificate: '/ca.pem' },
      shown: 'postgres://db.example.com:6000/notes (schema mcp)',
    },
  })
})

test.each([
  ['db.example.com/x', true],
  ['db.example.com/x?sslmode=require', true],
  ['db.example.com/x?sslmode=disable', false],
  ['127.0.0.1/x', false],
  ['[::1]/x', false],
  ['localhost/x?sslmode=verify-full', true],
  ['localhost/x?host=/run/postgresql', false],
])('TLS at %s: %s', (rest, tls) => {
  expect(read(rest)).toMatchObject({ ok: true, address: { tls } })
})

test.each([
  ['db.example.com/x?sslmode=prefer', 'sslmode prefer falls back'],
  ['db.example.com/x?sslmode=on', 'expected sslmode to be one of'],
  ['db.example.com/x?sslmode=disable&sslrootcert=/ca.pem', 'means nothing'],
  ['db.example.com/x?sslmode=disable&sslmode=require', 'stands twice'],
  ['db.example.com/x?sslcert=/a.pem', 'expected one of the keys'],
  ['db.example.com/x?schema=A-b', 'expected a schema'],
  ['db.example.com/', 'expected postgres://USER'],
  ['db.example.com/x/y', 'expected postgres://USER'],
])('%s is refused: %s', (rest, problem) => {
  expect(read(rest)).toMatchObject({ ok: false, problem: expect.stringContaining(problem) })
})

test('a path is none, and what is shown has no password', () => {
  expect(isPostgresUrl('/var/lib/postgres://x')).toBe(false)
  expect(shownData('as.sqlite')).toBe('as.sqlite')
  expect(shownData('postgres://ada:s3cret@db/x')).not.toContain('s3cret')
  expect(shownData('postgres://ada:s3cret@')).not.toContain('s3cret')
})

describe('in a configuration', () => {
  const load = (keys: string, server: string) =>
    parseConfig(
      `public_url: https://mcp.example.com
trusted_proxies: [127.0.0.1]
${keys}
issuers: { builtin: { embedded: true } }
authorization_server: ${server}
routes:
  - { name: notes, path: /notes/mcp, upstream: "http://127.0.0.1:3001/mcp", issuers: [builtin] }
`,
      { file: '/etc/gateway.yaml', env: { SECRET: 'w9Qf3ZtL0sVbXhR7mKpD2yJcE5uNaG8T', PW: 'hidden-word' } },
    )
  const problemsOf = (keys: string, server: string) => {
    const loaded = load(keys, server)
    return (loaded.ok ? loaded.warnings : loaded.problems).map(({ message }) => message)
  }

  test('gateways that share it need both keys, by name', () => {
    const problems = problemsOf('', '{ data: "postgres://a:${PW}@db/x" }')
    expect(problems).toEqual([
      expect.stringContaining('need authorization_server.cookie_secret'),
      expect.stringContaining('need session_key'),
    ])
    expect(
      problemsOf('session_key: ${SECRET}', '{ data: "postgres://a:${PW}@db/x", cookie_secret: "${SECRET}" }'),
    ).toEqual([])
  })

  test('a password that stands in the file is told, and a URL that cannot be read', () => {
    const server = (data: string) => `{ data: "${data}", cookie_secret: "\${SECRET}" }`
    const told = problemsOf('session_key: ${SECRET}', server('postgres://a:hidden-word@db/x'))
    expect(told).toEqual([expect.stringContaining('a secret stands in the file itself')])
    const refused = problemsOf('session_key: ${SECRET}', server('postgres://a:${PW}@db/x?sslmode=prefer'))
    expect(refused).toEqual([expect.stringContaining('falls back to no encryption')])
    expect(JSON.stringify([told, refused])).not.toContain('hidden-word')
  })

  test('a path stays as it is written, from the folder of the file', () => {
    const loaded = load('', '{ data: as.sqlite }')
    expect(loaded.ok && loaded.settings.authorizationServer?.data).toBe('/etc/as.sqlite')
    expect(problemsOf('', '{ data: "as-${PW}.sqlite" }')).toEqual([
      expect.stringContaining('is only read in'),
    ])
  })
})
