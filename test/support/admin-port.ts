// The administration port alone, over real sockets, from the `admin` block of an ordinary file: with a page for each
// right, and what it wrote into the audit.
import { request } from 'node:http'
import { parseConfig } from '../../src/config/load.ts'
import type { AuditEvent } from '../../src/core/audit-event.ts'
import type { OperatorRight } from '../../src/core/operator.ts'
import type { Readiness } from '../../src/core/readiness.ts'
import type { Settings } from '../../src/core/settings.ts'
import { listenAdmin } from '../../src/gateway/admin-listener.ts'
import type { AdminPage } from '../../src/http/admin-page.ts'

export const RIGHTS: readonly OperatorRight[] = ['view', 'operate', 'approve']

/** A page that only reads and one that changes, for each right: `GET /console/view`, `POST /console/view`. */
const FORM_PAGE: AdminPage = {
  ...{ method: 'GET', path: '/console/form', right: 'view' },
  answer: (context, { formToken }) => context.json({ formToken }),
}

const PAGES: readonly AdminPage[] = RIGHTS.flatMap((right): AdminPage[] => [
  {
    method: 'GET',
    path: `/console/${right}`,
    right,
    answer: (context, { operator }) => context.json({ read: operator.name }),
  },
  {
    method: 'POST',
    path: `/console/${right}`,
    right,
    answer(context, { operator, record }) {
      record({ event: 'changed', detail: right })
      return context.json({ changed: operator.name })
    },
  },
])

const READY: Readiness = {
  ...{ ready: true, generation: 1, routes: [] },
  configuration: { current: true },
  audit: { failures: 0 },
}

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface AdminAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}

export interface AdminPort {
  readonly origin: string
  readonly events: AuditEvent[]
  link(): string
  ask(path: string, asked?: Asked): Promise<AdminAnswer>
  /**
   * @param admin keys of the block
   * @param issuers value of `issuers`; those of before when absent
   */
  reload(admin: string, issuers?: string): void
  close(): Promise<void>
}

export interface AdminPortOptions {
  readonly pages?: readonly AdminPage[]
  /** Value of `issuers`, with one called `corp`. */
  readonly issuers?: string
  /** Absent: a free port of 127.0.0.1. */
  readonly listen?: string
}

/** @param admin keys of the block */
export async function startAdminPort(
  admin = '',
  { pages = [...PAGES, FORM_PAGE], issuers = CORP, listen = '127.0.0.1:0' }: AdminPortOptions = {},
): Promise<AdminPort> {
  let settings = settingsOf(`listen: "${listen}", ${admin}`, issuers)
  const events: AuditEvent[] = []
  const listener = await listenAdmin({
    pages,
    settings: () => settings,
    readiness: () => READY,
    metrics: { contentType: 'text/plain', text: async () => 'one 1\n' },
    record: (event) => void events.push(event),
  })
  return {
    ...{ origin: listener.origin, events, link: listener.consoleLink },
    ask: (path, asked) => ask(listener.origin + path, asked),
    reload(next, issuersThen = issuers) {
      settings = settingsOf(`listen: "${listen}", ${next}`, issuersThen)
    },
    close: listener.close,
  }
}

const CORP = '{ corp: { issuer: https://login.example.com } }'

function settingsOf(admin: string, issuers: string): Settings {
  const text = `public_url: https://mcp.example.com
admin: { ${admin} }
issuers: ${issuers}
routes: [{ name: notes, path: /notes, upstream: "http://127.0.0.1:1", issuers: [corp], policy: { rules: [{ tools: [a] }] } }]
`
  const loaded = parseConfig(text, { file: 'gateway.yaml', env: {} })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.settings
}

/** Unlike `fetch`, with whatever Host, Origin and cookies. */
function ask(url: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<AdminAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<AdminAnswer>()
  const asked = request(url, { method, headers, agent: false }, (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('end', () =>
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: Buffer.concat(chunks).toString(),
      }),
    )
  })
  asked.on('error', reject)
  asked.end(body)
  return promise
}
