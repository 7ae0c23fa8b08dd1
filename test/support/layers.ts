// Which folder of src may import what, and which part of a folder; test/architecture.test.ts holds the sources against it.
import { dirname, join } from 'node:path'
import type { Source } from './sources.ts'

/** Which folders of src and which packages a folder may import, beside itself. */
interface Layer {
  readonly folders: readonly string[]
  readonly packages: readonly string[]
}

/** What every folder may import. */
const SHARED = ['core', 'lib']
export const SIBLINGS = [
  ...['approvals', 'assertions', 'config', 'token', 'mcp', 'manifest', 'policy', 'limits', 'upstream'],
  ...['http', 'observe'],
]
export const COMPOSED = ['exchange', 'remote', 'gateway']
const WING = [
  ...['oidc-provider', 'openid-client', '@simplewebauthn/server', 'hono', 'jose', 'lru-cache', 'pg'],
  '@node-rs/argon2',
]
const CLI = ['@modelcontextprotocol/client', '@modelcontextprotocol/sdk', 'jose', 'lru-cache', 'pino']

const LAYERS: Readonly<Record<string, Layer>> = {
  core: { folders: [], packages: ['node:util'] },
  lib: {
    folders: ['core'],
    packages: [
      ...['node:crypto', 'node:dns', 'node:fs', 'node:module', 'node:net', 'node:path', 'node:process'],
      ...['node:sqlite', 'undici'],
    ],
  },
  config: {
    folders: [...SHARED],
    packages: ['yaml', 'zod', 'node:buffer', 'node:fs', 'node:net', 'node:path', 'node:process'],
  },
  token: { folders: [...SHARED], packages: ['jose', 'node:crypto'] },
  assertions: { folders: [...SHARED], packages: ['node:crypto', 'node:fs', 'node:path'] },
  mcp: { folders: [...SHARED], packages: ['node:buffer', 'node:crypto'] },
  manifest: { folders: [...SHARED], packages: ['node:crypto', 'node:fs'] },
  inspect: { folders: [...SHARED], packages: ['undici', 'node:'] },
  approvals: { folders: [...SHARED], packages: ['node:crypto'] },
  policy: { folders: [...SHARED], packages: ['@marcbachmann/cel-js', 'node:crypto', 're2js'] },
  limits: { folders: [...SHARED], packages: ['node:crypto'] },
  upstream: {
    folders: [...SHARED],
    packages: [
      'node:child_process',
      'node:crypto',
      'node:dns',
      'node:net',
      'node:process',
      'node:stream',
      'node:tls',
      'node:url',
    ],
  },
  http: {
    folders: [...SHARED],
    packages: ['hono', 'node:crypto', 'node:fs', 'node:http', 'node:https', 'node:net', 'node:tls'],
  },
  observe: {
    folders: [...SHARED],
    packages: [
      'pino',
      'prom-client',
      '@opentelemetry',
      ...['node:crypto', 'node:events', 'node:fs', 'node:os', 'node:path', 'node:perf_hooks', 'node:process'],
      ...['node:net', 'node:stream', 'node:timers/promises', 'node:tls', 'node:zlib'],
    ],
  },
  as: { folders: [...SHARED], packages: [...WING, 'node:'] },
  state: { folders: [...SHARED], packages: ['@redis/client', 'node:crypto', 'node:timers/promises'] },
  remote: { folders: [...SHARED, 'token'], packages: [] },
  exchange: {
    folders: [...SHARED, 'remote', ...SIBLINGS.filter((folder) => folder !== 'config')],
    packages: ['node:http'],
  },
  // Who asks at the administration port: tokens, sessions, and the way to one.
  operators: {
    folders: [...SHARED, 'as', 'http', 'limits', 'policy', 'token'],
    packages: ['hono', 'node:crypto'],
  },
  // Pages for operators: the words and tables of these folders, on the administration port (http/admin-page.ts).
  console: {
    folders: [...SHARED, 'approvals', 'as', 'http', 'manifest', 'observe', 'policy'],
    packages: ['hono', 'node:crypto'],
  },
  gateway: {
    folders: [...SHARED, ...SIBLINGS, ...COMPOSED, 'as', 'console', 'inspect', 'operators', 'state'],
    packages: ['@hono/node-server', 'node:crypto', 'node:http', 'node:timers/promises', 'node:util'],
  },
  workers: {
    folders: [...SHARED, 'console', 'gateway', 'observe', 'state', 'upstream'],
    packages: ['node:'],
  },
  cli: {
    folders: [...SHARED, ...SIBLINGS, ...COMPOSED, 'as', 'inspect', 'workers'],
    packages: [...CLI, 'node:'],
  },
  library: { folders: [...SHARED, 'config', 'gateway', 'observe'], packages: [] },
  main: { folders: ['cli', 'workers'], packages: ['node:'] },
}

/** `src/mcp/era.ts` → `mcp`, `src/main.ts` → `main`. */
export function folderOf(path: string): string {
  return path.split('/')[1]?.replace(/\.ts$/, '') ?? ''
}

export function importsOf({ code }: Source): string[] {
  return [...code.matchAll(/(?:from +|import\()'([^']+)'|^import '([^']+)'/gm)].map(
    ([, from, bare]) => (from ?? bare) as string,
  )
}

/** `hono/html` belongs to `hono`; `node:` stands for all of node. */
function isOf(name: string, packages: readonly string[]): boolean {
  return packages.some((known) => name === known || name.startsWith(known === 'node:' ? known : `${known}/`))
}

export function wrongImports(source: Source): string[] {
  const folder = folderOf(source.path)
  const layer = LAYERS[folder]
  if (layer === undefined) return [`${source.path} belongs to no layer`]
  const wrong = importsOf(source).filter((name) => {
    if (!name.startsWith('.')) return !isOf(name, layer.packages)
    const target = folderOf(join(dirname(source.path), name))
    return target !== folder && !layer.folders.includes(target)
  })
  return wrong.map((name) => `${source.path} imports ${name}`)
}

/** Which parts of a folder of src may import which others of it: a part is a folder or file in it. */
const INNER: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  as: {
    events: [],
    'refused-scopes': [],
    'request-id-context': ['events'],
    store: ['events'],
    people: ['events', 'refused-scopes', 'store'],
    'console-client': ['contract'],
    contract: ['events', 'people', 'refused-scopes', 'store'],
    pages: ['people'],
    web: ['pages', 'store'],
    engine: ['console-client', 'contract', 'events', 'people', 'refused-scopes', 'store', 'web'],
    'sign-in': ['events', 'pages', 'people', 'store', 'web'],
    account: ['events', 'pages', 'people', 'refused-scopes', 'sign-in', 'store', 'web'],
    browser: ['console-client', 'contract', 'events', 'pages', 'people', 'sign-in', 'store', 'web'],
    operate: ['events', 'sign-in', 'store'],
    housekeeping: ['events', 'store'],
    'authorization-server': ['contract', 'engine', 'events', 'housekeeping', 'store'],
  },
  cli: {
    shared: [],
    inspect: ['shared'],
    operate: ['shared'],
    policy: ['shared'],
    serve: ['operate', 'shared'],
    'dev-issuer': ['shared'],
    demo: ['dev-issuer', 'operate', 'shared'],
    cli: ['demo', 'dev-issuer', 'inspect', 'operate', 'policy', 'serve', 'shared'],
  },
  gateway: {
    'generation-use': [],
    endpoints: [],
    'report-missing-scopes': [],
    'publish-manifests': [],
    'approval-terms': ['live-parts'],
    'approval-desk': ['approval-terms'],
    'approval-pages': ['approval-desk', 'approval-terms'],
    'approval-webhook': ['approval-desk', 'approval-pages', 'approval-terms'],
    'approval-state': ['approval-terms', 'branding'],
    'console-approvals': ['approval-desk', 'approval-terms'],
    'approval-notices': [],
    'process-approvals': ['approval-notices'],
    'durable-state': ['approval-state', 'live-parts', 'process-approvals'],
    'forgotten-verdicts': [],
    'cancelled-elsewhere': [],
    'text-memory': [],
    'records-in-memory': [],
    'state-in-memory': ['records-in-memory', 'text-memory'],
    'display-names': [],
    'configuration-state': [],
    'part-changes': ['generation'],
    'readiness-of': ['generation'],
    'open-ocsf': [],
    'open-state': ['state-in-memory'],
    'open-tracing': [],
    'open-audit-chain': [],
    'open-records': ['display-names', 'generation', 'open-audit-chain', 'open-ocsf', 'serving-options'],
    'open-metric-export': [],
    'own-programs': [],
    branding: [],
    landing: ['branding'],
    'icon-url': [],
    'scope-dangers': [],
    'describe-servers': ['branding', 'icon-url', 'scope-dangers'],
    'embedded-pages': [],
    'load-authorization-server': [],
    embedded: ['branding', 'describe-servers', 'embedded-pages', 'load-authorization-server'],
    'live-parts': [],
    'upstream-headers': [],
    'live-route': [
      'approval-terms',
      'durable-state',
      'live-parts',
      'report-missing-scopes',
      'upstream-headers',
    ],
    generation: [
      ...['approval-state', 'durable-state', 'embedded-pages', 'endpoints'],
      ...['forgotten-verdicts', 'generation-use', 'landing', 'live-parts', 'live-route'],
    ],
    front: ['generation'],
    'serving-options': [],
    drain: ['generation'],
    reload: ['generation'],
    serving: [
      ...['drain', 'approval-desk', 'process-approvals', 'cancelled-elsewhere', 'configuration-state'],
      ...['durable-state', 'embedded', 'front', 'generation', 'open-records', 'open-state'],
      ...['open-tracing', 'own-programs', 'part-changes', 'readiness-of', 'reload', 'serving-options'],
    ],
    'checked-config': [],
    'program-client': [],
    'live-inventory': ['program-client'],
    'route-inventory': ['live-inventory'],
    'admin-listener': [],
    'listening-problem': [],
    'public-listener': ['admin-listener', 'serving', 'serving-options'],
    gateway: [
      ...['admin-listener', 'approval-pages', 'approval-webhook', 'console-approvals'],
      ...['open-metric-export', 'public-listener'],
      ...['publish-manifests', 'route-inventory', 'serving-options'],
    ],
    handler: ['open-metric-export', 'publish-manifests', 'serving', 'serving-options'],
  },
}

/** `src/as/web/cookies.ts` → `web`, `src/as/people.ts` → `people`. */
function partOf(path: string): string {
  return path.split('/')[2]?.replace(/\.ts$/, '') ?? ''
}

export function wrongInside(source: Source): string[] {
  const folder = folderOf(source.path)
  const parts = INNER[folder]
  if (parts === undefined) return []
  const part = partOf(source.path)
  const known = parts[part]
  if (known === undefined) return [`${source.path} belongs to no part of ${folder}`]
  const wrong = importsOf(source).filter((name) => {
    const target = join(dirname(source.path), name)
    if (!name.startsWith('.') || folderOf(target) !== folder) return false
    return partOf(target) !== part && !known.includes(partOf(target))
  })
  return wrong.map((name) => `${source.path} imports ${name}`)
}

/** Files that import each other, also by way of others and for types only: each circle once, by its first file. */
export function circles(sources: readonly Source[]): string[][] {
  const reached = new Map<string, ReadonlySet<string>>()
  const targets = new Map(
    sources.map((source) => [
      source.path,
      importsOf(source)
        .filter((name) => name.startsWith('.'))
        .map((name) => join(dirname(source.path), name)),
    ]),
  )
  const from = (path: string): ReadonlySet<string> => {
    const seen = new Set<string>()
    const open = [...(targets.get(path) ?? [])]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue
      seen.add(next)
      open.push(...(targets.get(next) ?? []))
    }
    return seen
  }
  for (const path of targets.keys()) reached.set(path, from(path))
  const found = new Map<string, string[]>()
  for (const [path, others] of reached) {
    if (!others.has(path)) continue
    const circle = [...others].filter((other) => reached.get(other)?.has(path)).sort()
    found.set(circle[0] as string, circle)
  }
  return [...found.values()]
}
