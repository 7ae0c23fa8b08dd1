// ARCHITECTURE.md as a test: which folder may import what (support/layers.ts), which names stand once, what stands in no
// file, and that every way to say no is reached by a test over HTTP. Reads the sources as text; types and lint rules are the business of tidy.test.ts.
import { describe, expect, test } from 'vitest'
import { COMPOSED, circles, folderOf, importsOf, wrongImports, wrongInside } from './support/layers.ts'
import { SOURCES, type Source, TESTS } from './support/sources.ts'

const MAX_LINES = 300

/** Lines of code, without comments, that match. */
function found(sources: readonly Source[], pattern: RegExp): string[] {
  return sources.flatMap(({ path, code }) =>
    [...code.matchAll(new RegExp(pattern, `${pattern.flags}g`))].map(([match]) => `${path}: ${match.trim()}`),
  )
}

const inFolders = (...folders: string[]) => SOURCES.filter(({ path }) => folders.includes(folderOf(path)))
const except = (sources: readonly Source[], ...folders: string[]) =>
  sources.filter(({ path }) => !folders.includes(folderOf(path)))

test('there is something to look at', () => {
  expect(SOURCES.length).toBeGreaterThan(100)
  expect(TESTS.length).toBeGreaterThan(50)
})

describe('layers', () => {
  test('imports go down: siblings know only core, and each package its one place', () => {
    expect(SOURCES.flatMap(wrongImports)).toEqual([])
  })

  test('inside as, cli and gateway they go down too', () => {
    expect(SOURCES.flatMap(wrongInside)).toEqual([])
  })

  test('no files import each other', () => {
    expect(circles(SOURCES)).toEqual([])
  })

  test('an import up, across or of a strange package is noticed', () => {
    const check = (path: string, name: string) =>
      wrongImports({ path, text: '', code: `import x from '${name}'` })
    expect(check('src/token/jwt.ts', '../http/deny.ts')).toHaveLength(1)
    expect(check('src/core/call.ts', '../mcp/era.ts')).toHaveLength(1)
    expect(check('src/exchange/route.ts', '../config/load.ts')).toHaveLength(1)
    expect(check('src/http/deny.ts', 'jose')).toHaveLength(1)
    expect(check('src/http/deny.ts', './answer.ts')).toEqual([])
    expect(check('src/new/file.ts', './other.ts')).toHaveLength(1)
    const checkInside = (path: string, name: string) =>
      wrongInside({ path, text: '', code: `import x from '${name}'` })
    expect(checkInside('src/as/web/cookies.ts', '../sign-in/local.ts')).toHaveLength(1)
    expect(checkInside('src/as/new/file.ts', './other.ts')).toHaveLength(1)
    expect(checkInside('src/as/sign-in/local.ts', '../web/cookies.ts')).toEqual([])
    const one = { path: 'src/a/one.ts', text: '', code: "import x from './two.ts'" }
    const two = { path: 'src/a/two.ts', text: '', code: "import x from './one.ts'" }
    expect(circles([one, two])).toEqual([['src/a/one.ts', 'src/a/two.ts']])
  })
})

/** Names that several files export, and why. */
const SAME_NAMES: Readonly<Record<string, string>> = {
  summary: 'each command exports it (cli/shared/command.ts, CommandModule)',
  help: 'the same',
  run: 'the same',
}

describe('exported names', () => {
  const EXPORTED = /^export (?:abstract |async )*(?:function\*?|const|let|class|interface|type) +(\w+)/gm
  const files = new Map<string, string[]>()
  for (const { path, code } of SOURCES)
    for (const [, name = ''] of code.matchAll(EXPORTED))
      files.set(name, [...new Set([...(files.get(name) ?? []), path])])

  test('one name, one meaning: each stands once in src', () => {
    expect(files.size).toBeGreaterThan(800)
    const twice = [...files].filter(([name, { length }]) => length > 1 && SAME_NAMES[name] === undefined)
    expect(twice).toEqual([])
  })

  test('the exceptions are still needed', () => {
    expect(Object.keys(SAME_NAMES).filter((name) => (files.get(name)?.length ?? 0) < 2)).toEqual([])
  })
})

describe('what stands in no source', () => {
  const nowhere: readonly (readonly [what: string, sources: readonly Source[], pattern: RegExp])[] = [
    ['a default export', SOURCES, /^export default/m],
    ['a barrel', SOURCES, /^export \* from/m],
    ['any', SOURCES, /(?:: |as |<)any\b(?!')/],
    ['an enum, a namespace', SOURCES, /^(?:export )?(?:const )?(?:enum|namespace) /m],
    ['instanceof Response', SOURCES, /instanceof Response/],
    ['a web stream made of node’s', SOURCES, /Readable\.toWeb/],
    // Only by digests, in constant time
    [
      'K12 a secret that is compared',
      SOURCES,
      /(?:===|!==|==) *[\w.]*\.reveal\(\)|\.reveal\(\) *(?:===|!==|==)/,
    ],
    ['I31 a certificate that is not checked', SOURCES, /rejectUnauthorized|checkServerIdentity/],
    ['the process, but in main.ts', except(SOURCES, 'main'), /(?<!-)\bprocess\.(?!ts')[a-z]\w*/],
    // load-authorization-server.ts holds back one line of oidc-provider, and writes none
    [
      'the console',
      SOURCES.filter(({ path }) => path !== 'src/gateway/load-authorization-server.ts'),
      /\bconsole\.\w+/,
    ],
    [
      'header text without more than spaces and tabs around it (core/fields.ts trims it)',
      SOURCES.filter(({ path }) =>
        /^src\/(?:http|lib|upstream|exchange|as\/(?:browser|web))\/|credential/.test(path),
      ),
      /\.trim(?:Start|End)?\(\)/,
    ],
    [
      'a clock or chance in what must be pure',
      inFolders('core', 'mcp', 'policy', 'config'),
      /Date\.now|new Date\(\)|performance\.now|Math\.random/,
    ],
  ]
  test.each(nowhere)('%s', (_what, sources, pattern) => {
    expect(found(sources, pattern)).toEqual([])
  })

  test('unfinished work', () => {
    const marks = new RegExp(['TO', 'DO|FIX', 'ME|X', 'XX'].join(''))
    expect([...SOURCES, ...TESTS].filter(({ text }) => marks.test(text)).map(({ path }) => path)).toEqual([])
  })

  test('a name that names no concept', () => {
    const vague = /\/(?:utils?|helpers?|managers?|misc|common|index)\.ts$/
    expect([...SOURCES, ...TESTS].filter(({ path }) => vague.test(path)).map(({ path }) => path)).toEqual([])
  })

  /** cli plays a client; who imports undici's own has said so. */
  test('C03 the global fetch', () => {
    const served = except(SOURCES, 'cli').filter(({ code }) => !/\bfetch\b[^}]*\} from 'undici'/.test(code))
    expect(found(served, /(?:await|return|=>?|\() *fetch\(/)).toEqual([])
  })
})

/** Answers outside http/deny.ts: of the parser, of our own pages, of a bug; and statuses that are only compared. */
const STATUSES: Readonly<Record<string, readonly number[]>> = {
  'src/http/listen.ts': [400, 408, 413, 431, 501],
  'src/http/admin.ts': [401, 403, 411, 413, 429, 503],
  'src/http/pages.ts': [404, 405],
  'src/http/public-health.ts': [503],
  'src/gateway/front.ts': [500],
  'src/gateway/handler.ts': [500],
  'src/gateway/approval-pages.ts': [400, 403, 404, 409, 503],
  'src/gateway/approval-state.ts': [405, 503],
  'src/gateway/approval-webhook.ts': [400, 401, 404, 409, 503],
  'src/exchange/end-refused.ts': [499],
  'src/exchange/deliver.ts': [400, 404],
  'src/upstream/response.ts': [400, 401, 403, 407, 421, 599],
  'src/observe/ocsf/request-event.ts': [400],
  'src/http/origin.ts': [443],
  'src/upstream/connect.ts': [443],
  'src/observe/otel/attributes.ts': [400, 443],
  'src/upstream/connection.ts': [400],
  'src/upstream/incoming-reply.ts': [400],
}

test('refusals get their status in http/deny.ts', () => {
  const serving = inFolders('core', 'mcp', 'limits', 'upstream', 'http', 'observe', ...COMPOSED)
  const statuses = serving.flatMap(({ path, code }) => {
    if (path === 'src/http/deny.ts') return []
    const known = STATUSES[path] ?? []
    const numbers = [...code.matchAll(/(?<![\w.])(?:4\d\d|50\d|51[01]|599)(?![\w.])/g)].map(([number]) =>
      Number(number),
    )
    return numbers.filter((number) => !known.includes(number)).map((number) => `${path}: ${number}`)
  })
  expect(statuses).toEqual([])
})

test('SQL stands in two folders, which only the one that opens the store imports, and in the lock of a file', () => {
  const others = SOURCES.filter(
    ({ path }) => !/^src\/(?:as\/store\/(?:sqlite|postgres)\/|lib\/file-lock\.ts$)/.test(path),
  )
  expect(found(others, /from '(?:node:sqlite|pg)'|\.prepare\(|\bPRAGMA\b/)).toEqual([])
  const importing = others.filter((source) =>
    importsOf(source).some((name) => /\/(?:sqlite|postgres)\//.test(name)),
  )
  expect(importing.map(({ path }) => path)).toEqual(['src/as/store/open-data.ts'])
})

describe('every source file', () => {
  test(`has at most ${MAX_LINES} lines`, () => {
    const long = [...SOURCES, ...TESTS].filter(({ text }) => text.trimEnd().split('\n').length > MAX_LINES)
    expect(long.map(({ path }) => path)).toEqual([])
  })

  test('begins by saying what it is for', () => {
    const silent = SOURCES.filter(({ text }) => !/^(?:#!.*\n)?(?:\/\/ |\/\*\*?\s)/.test(text))
    expect(silent.map(({ path }) => path)).toEqual([])
  })
})

test('every reason of a refusal is reached by a test of a whole gateway', () => {
  const union = SOURCES.find(({ path }) => path === 'src/core/refusal.ts')?.code ?? ''
  const reasons = [...union.matchAll(/readonly reason: '(\w+)'/g)].map(([, reason]) => reason as string)
  expect(reasons.length).toBeGreaterThan(30)
  const gateway = TESTS.filter(({ path }) => path.startsWith('test/gateway/'))
    .map(({ code }) => code)
    .join('\n')
  expect(reasons.filter((reason) => !new RegExp(`\\b${reason}\\b`).test(gateway))).toEqual([])
})
