// `upstream.command` and its keys: what the file may not say, what it warns of, and what the gateway adds.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { isProgram } from '../../src/core/settings.ts'
import { expectError, expectWarning, file, load, problemsOf, settingsOf, underlined } from './support.ts'

const program = (keys = '', command = '[node, server.js]') =>
  file({ upstream: `{ command: ${command}${keys === '' ? '' : `, ${keys}`} }` })
const env = (variables: string) => program(`env: { ${variables} }`)

type Refused = readonly [what: string, text: string, words: RegExp, at?: string]

const REFUSED: readonly Refused[] = [
  ['no program', program('', '[]'), /an empty list says nothing; name at least one/],
  ['an empty program', program('', '[""]'), /expected a program, then its arguments/],
  ['a program as text, which a shell would read', program('', 'node server.js'), /expected a program, then/],
  ['an argument that is a number', program('', '[node, 8080]'), /put numbers in quotes/, '8080'],
  ['NUL in an argument', program('', String.raw`[node, "a\0b"]`), /expected text without NUL/],
  ['a long argument', program('', `[node, ${'a'.repeat(4_097)}]`), /at most 4096 characters/],
  ['too many arguments', program('', `[${'a, '.repeat(256)}a]`), /expected at most 256 words/],
  ['a URL beside it', program('url: "http://127.0.0.1:1"'), /does not go together with the other keys/],
  ['a caller in the command', program('', '[node, { principal: subject }]'), /expected text without NUL/],
  ['a caller in the folder', program('cwd: { principal: subject }'), /expected/],
  ['per: another word', program('per: user'), /session.*subject.*route/, 'user'],
  [
    'a caller of a program for all',
    program('per: route, env: { WHO: { principal: subject } }'),
    /all callers share this program, so none of them can be told to it/,
    'WHO',
  ],
  [
    'a claim for all',
    program('per: route, env: { A: text, MAIL: { claim: email } }'),
    /all callers share this program/,
  ],
  ['something else of the caller', env('WHO: { principal: token }'), /subject.*client.*issuer|expected text/],
  ['a claim without a name', env('MAIL: { claim: "" }'), /claim|expected/],
  ['both', env('WHO: { principal: subject, claim: email }'), /expected|claim|unknown/],
  ['a name with an equals sign', env('"A=B": text'), /expected the name of a variable/],
  ['a name that begins with a digit', env('1A: text'), /expected the name of a variable/],
  ['an empty name', env('"": text'), /a key may not be empty/],
  ['a number as a value', env('PORT: 80'), /expected text, \$\{VAR\}/],
  ['a list as a value', env('PORT: [a]'), /expected text, \$\{VAR\}/],
  ['NUL in a value', env(String.raw`A: "a\0b"`), /may not hold NUL/],
  [
    'too many variables',
    env(Array.from({ length: 257 }, (_, n) => `V${n}: a`).join(', ')),
    /at most 256 variables/,
  ],
  ['idle: nothing', program('idle: 0s'), /1s/],
  ['max: none', program('max: 0'), /1/],
  ['start_timeout: nothing', program('start_timeout: 1ms'), /100ms/],
  ['timeout: nothing', program('timeout: 1ms'), /10ms/],
  ['a user who is not there', program('user: nobody-of-this-name'), /this machine has none of this name/],
  ['a group that is not there', program('user: 1, group: none-of-this-name'), /has none of this name/],
  ['a group without a user', program('group: 1'), /a group needs `user` beside it/],
  ['a folder that is not there', program('cwd: /no/such/folder'), /\/no\/such\/folder is no folder/],
  [
    'credentials for headers',
    file({ upstream: '{ command: [node] }', route: 'upstream_auth: { mode: forward_token }' }),
    /a program gets no headers, and no tokens; give it what it needs with `upstream.env`/,
  ],
  [
    'claims for headers',
    file({ upstream: '{ command: [node] }', route: 'identity: { claims: { email: x-email } }' }),
    /say who calls with `upstream.env/,
  ],
]

test.for(REFUSED)('refused: %s', ([_what, text, words, at]) => {
  expectError(text, words, at)
})

const OF_THE_GATEWAY = [
  ...['PATH', 'HOME', 'SHELL', 'TMPDIR', 'LANG', 'LC_ALL', 'BASH_ENV', 'ENV', 'IFS', 'PS4'],
  ...['NODE_OPTIONS', 'NODE_PATH', 'NODE_EXTRA_CA_CERTS', 'NPM_CONFIG_PREFIX', 'npm_config_registry'],
  ...['PYTHONPATH', 'PYTHONSTARTUP', 'PYTHONHOME', 'PIP_INDEX_URL', 'UV_INDEX_URL', 'VIRTUAL_ENV'],
  ...['LD_PRELOAD', 'LD_LIBRARY_PATH', 'LD_AUDIT', 'DYLD_INSERT_LIBRARIES', 'GLIBC_TUNABLES', 'GCONV_PATH'],
  ...['RUBYOPT', 'PERL5OPT', 'PERL5LIB', 'JAVA_TOOL_OPTIONS', '_JAVA_OPTIONS', 'CLASSPATH', 'GOFLAGS'],
  ...['GIT_SSH_COMMAND', 'SSL_CERT_FILE', 'https_proxy', 'ALL_PROXY', 'XDG_CONFIG_HOME', 'KUBECONFIG'],
  ...['Path', 'node_options'],
]

describe.each(['principal: subject', 'claim: email'])('{ %s }', (what) => {
  test.each(OF_THE_GATEWAY)('never under %s', (name) => {
    expectError(env(`${name}: { ${what} }`), /decides what a program runs or trusts, so no caller may choose/)
  })
})

test('the file itself may set each of them', () => {
  const names = OF_THE_GATEWAY.filter((name) => name !== 'Path' && name !== 'node_options')
  expect(problemsOf(load(env(names.map((name) => `${name}: text`).join(', '))))).toEqual([])
})

test('names beside them are the caller’s', () => {
  expect(
    problemsOf(load(env('PATHS: { principal: subject }, MY_PYTHON: { claim: a }, LDAP: { claim: b }'))),
  ).toEqual([])
})

test('a program gets PATH, HOME and LANG of the gateway, its folder, and nothing else', () => {
  const loaded = parseConfig(program('cwd: ".."'), {
    file: join(import.meta.dirname, 'gateway.yaml'),
    env: { PATH: '/bin', HOME: '/home/x', LANG: 'C', SECRET: 's', NODE_OPTIONS: '--x' },
  })
  if (!loaded.ok) throw new Error('the file does not load')
  const [upstream] = loaded.settings.routes.map((route) => route.upstream)
  expect(upstream && isProgram(upstream) && upstream).toMatchObject({
    inherited: { PATH: '/bin', HOME: '/home/x', LANG: 'C' },
    cwd: join(import.meta.dirname, '..'),
  })
})

test('what the keys are when the file does not say', () => {
  expect(settingsOf(program()).routes[0]?.upstream).toMatchObject({
    ...{ per: 'session', idleMs: 600_000, max: 100, startTimeoutMs: 60_000, timeoutMs: 600_000 },
    ...{ runAs: undefined, env: {} },
  })
})

const SAME_USER =
  /runs as the gateway's own user, who may read secrets of this file; name another with `user`/
const INTROSPECTED =
  'validation: introspection\nintrospection: { client_id: a, client_secret: "${SECRET}", endpoint: "https://login.example.com/i" }'

test('a warning: the same user, and the file holds secrets', () => {
  const text = file({ upstream: '{ command: [node, server.js] }', issuer: INTROSPECTED })
  expectWarning(text, SAME_USER, 'command')
  expectWarning(text.replace('server.js]', `server.js], user: ${getuid?.()}`), SAME_USER, 'command')
})

test('no warning: the only secret is the program’s own', () => {
  expect(problemsOf(load(env('KEY: "${SECRET}"')))).toEqual([])
})

test('a warning: another program’s secret', () => {
  const other =
    '- { name: b, path: /b, upstream: { command: [node], env: { KEY: "${SECRET}" } }, issuers: [corp], scopes: [a], policy: { rules: [{ tools: [a] }] } }'
  expectWarning(file({ upstream: '{ command: [node, server.js] }', routes: other }), SAME_USER)
})

test('a warning: the same user, and the embedded server', () => {
  const data = join(mkdtempSync(join(tmpdir(), 'programs-')), 'data')
  const text = file({
    upstream: '{ command: [node, server.js] }',
    ...{ issuers: 'builtin: { embedded: true }', trusts: '[builtin]', route: 'scopes: [notes:read]' },
    top: `authorization_server: { data: "${data}" }`,
  })
  const warnings = problemsOf(load(text)).filter(({ message }) => message.includes('own user'))
  expect(warnings.map((each) => [each.message, underlined(text, each)])).toEqual([
    [expect.stringContaining('the data of the authorization server'), 'command'],
  ])
})

test('a warning: several gateways', () => {
  const text = file({
    upstream: '{ command: [node, server.js] }',
    top: 'state: { url: redis://127.0.0.1:6379 }',
  })
  const told = problemsOf(load(text)).map(({ message }) => message)
  expect(told).toContainEqual(expect.stringContaining('send all requests with one Mcp-Session-Id to one'))
})

test('only root may start programs as somebody else, and then there is nothing to warn of', () => {
  const text = file({ upstream: '{ command: [node], user: 65534 }', issuer: INTROSPECTED })
  if (getuid?.() === 0) expect(problemsOf(load(text))).toEqual([])
  else expectError(text, /only root may start programs as somebody else/)
})
