// Other gateways, as their administration ports show them: asked with a token that may view there, within a time and a
// size, and said to be away where they do not answer. What they tell is about themselves, and not about their peers.
import type { PeerSettings } from '../core/settings-admin.ts'
import { createHttpClient, type HttpClient } from '../lib/bounded-http.ts'
import { digestOfParts } from '../lib/digest-of-parts.ts'
import { hasMembers, parseJson } from '../lib/json.ts'
import type { JointQuery } from '../observe/joint-activity.ts'
import type { MinuteCount } from '../observe/minute-counts.ts'
import { readToldCalls, readToldMinutes, type ToldCalls } from './told.ts'

export interface Peer {
  readonly name: string
  readonly url: string
  /** Each answer is undefined where none comes in time, or it is none of a gateway. */
  calls(query: JointQuery): Promise<ToldCalls | undefined>
  minutes(): Promise<readonly MinuteCount[] | undefined>
  /** Whether it is ready; or why that is not known. */
  state(): Promise<PeerState>
}

export type PeerState = { readonly ready: boolean } | { readonly away: string }

/** How long a page waits for all peers. */
const PEER_MS = 1_000
const MAX_ANSWER_BYTES = 4 * 1024 * 1024

/** The peers of the settings as they are now; their connections are kept while these stay the same. */
export function createPeers(settings: () => readonly PeerSettings[]): () => readonly Peer[] {
  let [madeOf, peers, clients]: [string, readonly Peer[], readonly HttpClient[]] = ['', [], []]
  return () => {
    const now = settings()
    const parts = digestOfParts(now)
    if (parts === madeOf) return peers
    for (const client of clients) void client.close()
    clients = now.map(({ ca }) => createHttpClient({ timeoutMs: PEER_MS, ca }))
    peers = now.map((peer, place) => createPeer(peer, clients[place] as HttpClient))
    madeOf = parts
    return peers
  }
}

function createPeer({ name, url, token }: PeerSettings, client: HttpClient): Peer {
  const ask = async (path: string, statuses: readonly number[]) => {
    const asked = await client.ask({
      ...{ url: `${url}${path}`, method: 'GET', maxBytes: MAX_ANSWER_BYTES },
      headers: { authorization: `Bearer ${token.reveal()}`, accept: 'application/json' },
    })
    if (!asked.ok) return { away: asked.why }
    const { status, body } = asked.answer
    return statuses.includes(status)
      ? { value: parseJson(body.toString()) }
      : { away: `it answers ${status}` }
  }
  return {
    ...{ name, url },
    async calls({ text, after, limit }) {
      const query = new URLSearchParams({ q: text, after: JSON.stringify(after), limit: String(limit) })
      const answer = await ask(`/console/calls.json?${query}`, [200])
      return 'value' in answer ? readToldCalls(answer.value, limit) : undefined
    },
    async minutes() {
      const answer = await ask('/console/minutes.json', [200])
      return 'value' in answer ? readToldMinutes(answer.value) : undefined
    },
    async state() {
      const answer = await ask('/readyz', [200, 503])
      if (!('value' in answer)) return { away: answer.away ?? '' }
      const { value } = answer
      return hasMembers(value) && typeof value['ready'] === 'boolean'
        ? { ready: value['ready'] }
        : { away: 'it answers as no gateway does' }
    },
  }
}
