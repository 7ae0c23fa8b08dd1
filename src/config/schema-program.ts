// The shape of `upstream` where the server is a program that the gateway starts. What has to agree with the rest of the file
// is in check-programs.ts.
import { z } from 'zod'
import { Secret } from '../core/secret.ts'
import type { CallerVariable, ProgramSettings, ProgramVariable } from '../core/settings-program.ts'
import { findGroup, findUser } from './accounts.ts'
import { count, milliseconds } from './scalars.ts'
import { claimPath } from './schema-issuer.ts'

const MAX_ARGUMENTS = 256
const MAX_VARIABLES = 256
const WORD_WORDS = 'expected text without NUL, at most 4096 characters; put numbers in quotes'
const word = z
  .string(WORD_WORDS)
  .max(4_096, WORD_WORDS)
  .refine((value) => !value.includes('\0'), WORD_WORDS)

const COMMAND_WORDS = 'expected a program, then its arguments, such as [node, /srv/notes/server.js]'

/** Each is of the kind that changes what a program runs, loads or trusts; a caller must not choose it. */
const NOT_OF_CALLERS = [
  ...['PATH', 'HOME', 'SHELL', 'ENV', 'IFS', 'CDPATH', 'TMPDIR', 'TMP', 'TEMP', 'USER', 'LOGNAME', 'PWD'],
  ...['BASH_*', 'BASH*', 'SHELLOPTS', 'PS4', 'PROMPT_COMMAND', 'ZDOTDIR', 'EDITOR', 'VISUAL', 'PAGER'],
  ...[
    'LD_*',
    'DYLD_*',
    'GLIBC_*',
    'MALLOC_*',
    'GCONV_PATH',
    'LOCPATH',
    'NLSPATH',
    'LANG',
    'LC_*',
    'LANGUAGE',
  ],
  ...['NODE_*', 'NPM_*', 'YARN_*', 'BUN_*', 'DENO_*', 'PYTHON*', 'PIP_*', 'UV_*', 'VIRTUAL_ENV', 'CONDA_*'],
  ...['PERL*', 'RUBY*', 'GEM_*', 'BUNDLE_*', 'PHP*', 'LUA_*', 'R_*', 'JULIA_*', 'GO*', 'CARGO_*', 'RUST*'],
  ...['JAVA_*', '_JAVA_*', 'JDK_*', 'CLASSPATH', 'MAVEN_*', 'GRADLE_*', 'DOTNET_*', 'COMPLUS_*', 'COR_*'],
  ...['GIT_*', 'SSH_*', 'DOCKER_*', 'KUBECONFIG', 'XDG_*', 'SSL_*', 'OPENSSL_*', 'CURL_*', 'REQUESTS_*'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'HOSTALIASES', 'RES_OPTIONS', 'RESOLV_*'],
]

function isOfGateway(name: string): boolean {
  const upper = name.toUpperCase()
  return NOT_OF_CALLERS.some((each) =>
    each.endsWith('*') ? upper.startsWith(each.slice(0, -1)) : upper === each,
  )
}

const VALUE_WORDS = 'expected text, ${VAR}, file:/path, { principal: subject } or { claim: email }'
const fixed = z
  .custom<Secret>((value) => value instanceof Secret, VALUE_WORDS)
  .refine((value) => !value.reveal().includes('\0'), 'a variable may not hold NUL')
  .meta({ type: 'string', secret: true })

const ofCaller = z.union([
  z.strictObject({
    principal: z
      .enum(['subject', 'client', 'issuer'])
      .describe('Who calls, in the encoding of the identity headers.'),
  }),
  z.strictObject({
    claim: claimPath.describe(
      'A claim of the token, by its name. Absent, an object or above 4 KiB: no variable.',
    ),
  }),
])

const NAME_WORDS = 'expected the name of a variable: letters, digits and underscores'
const variableName = z.string(NAME_WORDS).regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, NAME_WORDS)

const variables = z
  .record(variableName, z.union([fixed, ofCaller]))
  .superRefine((env, context) => {
    const names = Object.keys(env)
    for (const name of names.filter((each) => !(env[each] instanceof Secret) && isOfGateway(each))) {
      const message = `${name} decides what a program runs or trusts, so no caller may choose it; take another name`
      context.addIssue({ code: 'custom', path: [name], message })
    }
    if (names.length > MAX_VARIABLES)
      context.addIssue({ code: 'custom', message: `expected at most ${MAX_VARIABLES} variables` })
  })
  .describe(
    'Variables of the program, beside PATH, HOME and LANG of the gateway: a value, or what is known of the caller.',
  )

const ACCOUNT_WORDS = 'expected a name or a number of this machine'
const account = z.union([z.string(ACCOUNT_WORDS).min(1).max(64), count(0, 4_294_967_294)])

export const programObject = z
  .strictObject({
    command: z
      .array(word, COMMAND_WORDS)
      .min(1, COMMAND_WORDS)
      .refine(({ length }) => length <= MAX_ARGUMENTS, `expected at most ${MAX_ARGUMENTS} words`)
      .refine(([program]) => program !== '', COMMAND_WORDS)
      .describe('The program and its arguments. No shell reads them.'),
    transport: z
      .enum(['http', 'sse'])
      .describe(
        '`http`: Streamable HTTP; `sse`: the HTTP+SSE transport of 2024-11-05. A program speaks stdio, and its clients this.',
      )
      .prefault('http'),
    per: z
      .enum(['session', 'subject', 'route'])
      .describe(
        'Who shares a program: `session`: nobody; `subject`: the sessions of a person; `route`: all callers. A request of 2026-07-28 always goes to a program of its caller alone.',
      )
      .prefault('session'),
    cwd: word.min(1).describe('Where it runs. Absent: the folder of gateway.yaml.').optional(),
    env: variables.prefault({}),
    idle: milliseconds('1s', '7d').describe('Until a program that nobody uses is ended.').prefault('10m'),
    max: count(1, 10_000)
      .describe('Programs of this route at one time; each caller may have `limits.share_per_caller` of them.')
      .prefault(100),
    start_timeout: milliseconds('100ms', '30m')
      .describe('From its start to its first message. `npx` may have to fetch it first.')
      .prefault('60s'),
    timeout: milliseconds('10ms', '24h')
      .describe('How long a program may say nothing about a call.')
      .prefault('10m'),
    user: account
      .describe('Whom it runs as, where the gateway may switch. Absent: as the gateway.')
      .optional(),
    group: account.describe('Its group. Absent: that of `user`.').optional(),
  })
  .superRefine(({ user, group }, context) => {
    const message = 'this machine has none of this name; a number needs no entry'
    if (user !== undefined && findUser(user) === undefined)
      context.addIssue({ code: 'custom', path: ['user'], message })
    if (group !== undefined && findGroup(group) === undefined)
      context.addIssue({ code: 'custom', path: ['group'], message })
    if (group !== undefined && user === undefined)
      context.addIssue({ code: 'custom', path: ['group'], message: 'a group needs `user` beside it' })
  })
  .superRefine(({ per, env }, context) => {
    if (per !== 'route') return
    const [name] = Object.entries(env).find(([, value]) => !(value instanceof Secret)) ?? []
    if (name === undefined) return
    const message =
      'all callers share this program, so none of them can be told to it; use per: subject or session'
    context.addIssue({ code: 'custom', path: ['env', name], message })
  })

export function toProgram(raw: z.output<typeof programObject>): ProgramSettings {
  const account = raw.user === undefined ? undefined : findUser(raw.user)
  const gid = raw.group === undefined ? account?.gid : findGroup(raw.group)
  return {
    command: raw.command as readonly string[] as ProgramSettings['command'], // not empty
    transport: raw.transport,
    per: raw.per,
    cwd: raw.cwd ?? '.',
    idleMs: raw.idle,
    max: raw.max,
    startTimeoutMs: raw.start_timeout,
    timeoutMs: raw.timeout,
    runAs: account && { uid: account.uid, gid: gid ?? account.gid, home: account.home },
    inherited: {},
    env: raw.env as Readonly<Record<string, ProgramVariable | CallerVariable>>,
  }
}
