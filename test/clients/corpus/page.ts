// docs/clients.md from the corpus: what the page says of a client stands in its file. `npm run docs` writes it, and a test
// compares.
import { readFileSync } from 'node:fs'
import { type Client, type ClientFile, readCorpus } from './format.ts'

/** What is so for whole families of clients. */
const COMMON_LIMITS: readonly (readonly [who: string, what: string, helps: string])[] = [
  [
    'every client built on the TypeScript SDK (Cursor, Inspector, mcp-remote and many more)',
    'it reads the challenge only when `Bearer` comes first, and sends `resource` only after it has found the metadata',
    'the gateway always writes it this way',
  ],
  [
    'the same',
    'a `resource` without a path gets a slash at the end, which some providers refuse',
    'give a route a path (`/notes/mcp`), not `/`',
  ],
  [
    'the same',
    'a second 401 right after a sign-in ends the attempt ("401 after re-authentication")',
    'set the clocks; raise `leeway` (at most `60s`)',
  ],
  [
    'SDKs before metadata existed (2025-03-26)',
    "they look for the authorization server at the gateway's own origin",
    '`legacy_discovery: true` on one route',
  ],
  [
    'any browser',
    'sends MCP headers on metadata requests too, which begins with a preflight',
    'nothing: the gateway answers it',
  ],
  [
    'providers',
    'Entra refuses a `resource` that does not fit the scopes; Keycloak refuses unknown scopes at registration; Auth0, Okta and Cognito have rules of their own for audiences',
    '[providers.md](providers.md)',
  ],
]

export function clientsPage(corpus: readonly ClientFile[] = readCorpus()): string {
  const clients = corpus
    .map(({ client }) => client)
    .sort((one, other) => one.client.localeCompare(other.client, 'en'))
  const parts: Readonly<Record<string, string>> = {
    setup: setupTable(clients),
    known: table(
      ['client', 'version', 'known from', 'date', 'source'],
      clients.map(({ client, version, kind, date, source }) => [client, version, kind, date, source]),
    ),
    forbidden: table(
      ['client', 'scopes of the first sign-in', 'on the 403', 'known from'],
      clients.flatMap(({ client, scopes, forbidden, kind }) =>
        forbidden === undefined ? [] : [[client, scopes ?? 'not known', forbidden, kind]],
      ),
    ),
    reactions: reactionTables(clients),
    reported: table(
      ['client', 'answer', 'what is said to follow', 'known from'],
      clients
        .filter(({ kind }) => kind !== 'run')
        .flatMap(({ client, reactions, kind }) =>
          reactions.map(({ answer, follows }) => [client, answer, follows, kind]),
        ),
    ),
    limits: table(
      ['client', 'what happens', 'what helps'],
      [
        ...COMMON_LIMITS,
        ...clients.flatMap(({ client, limits }) => limits.map(({ what, helps }) => [client, what, helps])),
      ],
    ),
  }
  const page = readFileSync(new URL('page.md', import.meta.url), 'utf8')
  return page.replace(/\{\{(\w+)\}\}/g, (_, name: string) => parts[name] ?? '')
}

function setupTable(clients: readonly Client[]): string {
  return table(
    ['client', 'where'],
    clients.flatMap(({ client, setup }) => (setup === undefined ? [] : [[client, setup]])),
  )
}

/** One table for calls and one for refreshes: for each answer what clients do, those that do the same together. */
function reactionTables(clients: readonly Client[]): string {
  const run = clients.filter(({ kind }) => kind === 'run')
  return (['call', 'refresh'] as const)
    .map((to) => {
      const seen = run.flatMap(({ client, reactions }) =>
        reactions.filter((reaction) => reaction.to === to).map((reaction) => ({ client, ...reaction })),
      )
      const rows = Map.groupBy(seen, ({ answer, follows }) => `${answer} ${follows}`)
      const head = [to === 'call' ? 'to a call' : 'to a refresh', 'client', 'what it does']
      return table(
        head,
        [...rows.values()]
          .map((same) => [
            same[0]?.answer ?? '',
            same.map(({ client }) => client).join(', '),
            same[0]?.follows ?? '',
          ])
          .sort(([one = ''], [other = '']) => (one < other ? -1 : one > other ? 1 : 0)),
      )
    })
    .join('\n\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}
