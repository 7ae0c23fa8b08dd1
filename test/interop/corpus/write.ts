// Writes what was recorded of a client into its file of the corpus: the flow with names in place of what differs from run
// to run, the version, the date. What people wrote there stays.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Document, isMap, isScalar, parse, visit } from 'yaml'
import { learn, summarize } from '../../clients/corpus/answers.ts'
import type { Exchange, Flow, Reaction } from '../../clients/corpus/format.ts'
import { nameAll, Variables } from '../../clients/corpus/variables.ts'
import type { Seen } from './recorder.ts'
import type { Recorded, Visit } from './run-client.ts'

const FOLDER = join(import.meta.dirname, '../../clients/corpus')
/** These stand on one line where they fit. */
const ON_ONE_LINE = ['headers', 'query', 'json', 'form', 'gets']

export interface ToWrite {
  readonly file: string
  readonly client: string
  readonly version: string
  readonly source: string
  readonly flows: readonly Flow[]
  readonly reactions: readonly Reaction[]
}

export function writeClient({ file, flows, reactions, ...about }: ToWrite): void {
  const path = join(FOLDER, `${file}.yaml`)
  const before = existsSync(path) ? (parse(readFileSync(path, 'utf8')) as Record<string, unknown>) : {}
  const date = new Date().toISOString().slice(0, 10)
  const { client, version, source } = about
  const { flows: _, reactions: known, ...kept } = before
  const written = {
    ...{ ...kept, client, version, date, kind: 'run', source },
    reactions: reactions.length > 0 ? reactions : (known ?? []),
    flows,
  }
  const document = new Document(written)
  visit(document, {
    Pair(_key, pair) {
      if (isScalar(pair.key) && ON_ONE_LINE.includes(String(pair.key.value)) && isMap(pair.value)) {
        pair.value.flow = true
        return visit.SKIP
      }
      return undefined
    },
  })
  writeFileSync(path, document.toString({ lineWidth: 0, flowCollectionPadding: true }))
}

export function flowOf(name: string, { origin, steps }: Recorded): Flow {
  const variables = new Variables([
    ['origin', origin],
    ['resource', `${origin}/notes/mcp`],
  ])
  const written = steps.map(({ step, events }) => ({
    step: step as Flow['steps'][number]['step'],
    exchanges: events.map((event) => ('came' in event ? sent(event, variables) : visited(event, variables))),
  }))
  return { name, steps: written.filter(({ exchanges }) => exchanges.length > 0) }
}

function sent(seen: Seen, variables: Variables): Exchange {
  const { method, url, headers, body, came, ended } = seen
  const address = new URL(url, variables.get('origin'))
  const type = headers['content-type'] ?? ''
  const isForm = type.startsWith('application/x-www-form-urlencoded')
  const form = Object.fromEntries(new URLSearchParams(isForm ? body : ''))
  if (form['code_verifier'] !== undefined) variables.set('code_verifier', form['code_verifier'])
  const asked = nameAll(
    {
      send: `${method} ${address.href}`,
      ...(Object.keys(headers).length > 0 && { headers }),
      ...(isForm && { form }),
      ...(type.startsWith('application/json') && body !== '' && { json: JSON.parse(body) }),
    },
    variables,
  )
  const authorization = asked.headers?.['authorization']
  if (ended && authorization !== undefined)
    asked.headers = { ...asked.headers, authorization: 'Bearer {ended_access_token}' }
  const answer = came ?? { status: 0, headers: {}, body: '' }
  learn(answer, variables)
  return { ...asked, gets: nameAll(summarize(answer), variables) }
}

function visited({ asked, back }: Visit, variables: Variables): Exchange {
  for (const name of ['state', 'code_challenge']) variables.set(name, asked.searchParams.get(name) ?? '')
  const exchange = nameAll(
    {
      send: `browser ${asked.origin}${asked.pathname}`,
      query: Object.fromEntries(asked.searchParams),
      gets: { status: 303, query: Object.fromEntries(back.searchParams) },
    },
    variables,
  )
  const { code } = exchange.gets.query
  if (code === undefined) return exchange
  variables.set('code', code)
  return { ...exchange, gets: { ...exchange.gets, query: { ...exchange.gets.query, code: '{code}' } } }
}
