// What a client makes of one answer that the gateway could give in another place: to a call, and to the refresh that some
// clients try after a 403. Seen on the wire and at the steps of the client.
import type { Came } from '../../clients/corpus/answers.ts'
import type { Reaction } from '../../clients/corpus/format.ts'
import type { Replacement, Seen } from './recorder.ts'
import { type Program, type Recorded, runClient, type Visit } from './run-client.ts'

export interface AnswerInstead {
  readonly to: Reaction['to']
  readonly words: string
  readonly answer: Came
}

const json = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): Came => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})
const error = (code: number, message: string) => ({ jsonrpc: '2.0', id: null, error: { code, message } })
const refusal = (status: number, code: string): AnswerInstead => ({
  ...{ to: 'refresh', words: `${status} \`${code}\`` },
  answer: json(status, { error: code }),
})

export const ANSWERS: readonly AnswerInstead[] = [
  { to: 'call', words: '403 without a challenge', answer: json(403, error(403, 'denied')) },
  { to: 'call', words: '404', answer: json(404, error(-32001, 'Session not found')) },
  { to: 'call', words: '429', answer: json(429, error(429, 'too many'), { 'retry-after': '1' }) },
  { to: 'call', words: '503', answer: json(503, error(503, 'not now'), { 'retry-after': '1' }) },
  refusal(400, 'interaction_required'),
  refusal(400, 'invalid_scope'),
  refusal(400, 'invalid_grant'),
  refusal(401, 'invalid_client'),
  refusal(503, 'temporarily_unavailable'),
]

const isCall = ({ method, url, body }: Pick<Seen, 'method' | 'url' | 'body'>) =>
  method === 'POST' && url === '/notes/mcp' && body.includes('"tools/call"')
const isRefresh = ({ url, body }: Pick<Seen, 'url' | 'body'>) =>
  url === '/token' && body.includes('grant_type=refresh_token')

/** The second of three calls gets the answer; or the refresh after a refused one, and then comes a call. */
export async function reactionTo(
  program: Program,
  { to, words, answer }: AnswerInstead,
): Promise<Reaction | undefined> {
  const replacement: Replacement =
    to === 'call' ? { isMeant: isCall, nth: 2, answer } : { isMeant: isRefresh, nth: 1, answer }
  const steps = to === 'call' ? ['connect', 'call', 'call', 'call'] : ['connect', 'call', 'step-up', 'call']
  const recorded = await runClient({ program, steps, replacement, tokens: 'long' })
  const follows = told(recorded)
  return follows === undefined ? undefined : { to, answer: words, follows }
}

/** Undefined where the client never asked for what would have been answered so. */
function told({ steps }: Recorded): string | undefined {
  const [, , tried, after] = steps
  const events = steps.slice(2).flatMap((step) => step.events)
  const at = events.findIndex((event) => 'replaced' in event && event.replaced)
  if (tried === undefined) return 'the client ended'
  if (at < 0) return undefined
  const within = tried.events.slice(
    tried.events.findIndex((event) => 'replaced' in event && event.replaced) + 1,
  )
  const requests = within.map(nameOf).filter((name, index, all) => name !== all[index - 1])
  return [
    requests.length === 0 ? 'no further request' : requests.join(', '),
    tried.ok ? 'what was asked for succeeds' : 'what was asked for fails',
    after === undefined ? 'the client ended' : `the next call ${after.ok ? 'works' : 'fails'}`,
  ].join('; ')
}

function nameOf(event: Seen | Visit): string {
  if ('asked' in event)
    return `asks its person for \`${event.asked.searchParams.get('scope') ?? 'no scope'}\``
  const { method, url, body } = event
  if (url.startsWith('/.well-known/')) return 'metadata'
  if (url === '/register') return 'a registration'
  if (url === '/token') return body.includes('refresh_token') ? 'a refresh' : 'a token for the code'
  if (method !== 'POST') return method === 'GET' ? 'a GET for a stream' : 'the end of the session'
  const [, called = 'an answer'] = /"method":"([^"]*)"/.exec(body) ?? []
  return called === 'tools/call' ? 'the call again' : `\`${called}\``
}
