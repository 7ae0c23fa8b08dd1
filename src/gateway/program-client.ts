// Asks a server that is a program, for an operator: it is started as the gateway would start it, told of no caller, and
// ended when the question is. Carries what inspect/ would send over HTTP.
import { MODERN_VERSION } from '../core/revision.ts'
import { isProgram, type RouteSettings } from '../core/settings.ts'
import { type Found, found, missing } from '../inspect/found.ts'
import type { ProbeAnswer, ProbeClient, ProbeRequest } from '../inspect/http.ts'
import { lineMessages } from '../mcp/line-messages.ts'
import { createProgramHost } from '../upstream/program/program-host.ts'
import { createProgramUpstream } from '../upstream/program/program-upstream.ts'
import type { Reply } from '../upstream/reply.ts'
import type { Upstream, UpstreamRequest } from '../upstream/upstream.ts'

/** What of a route says how its program is started. */
export type ProgramRoute = Pick<RouteSettings, 'name' | 'upstream'>

/** What the program prints for people, line by line, or what is to be said of it. */
export type TellLine = (line: string) => void

/** Throws for a route whose server is no program. */
export function createProgramClient(
  { name, upstream: settings }: ProgramRoute,
  tellLine: TellLine,
): ProbeClient {
  if (!isProgram(settings)) throw new Error('the server of this route is no program')
  const host = createProgramHost({
    lines: lineMessages,
    events: {
      started() {},
      gone() {},
      dropped() {},
      tell: (_, { line }, message) => tellLine(line ?? message),
    },
    max: settings.max,
    sharePerCaller: 1,
  })
  const spoken = { ...settings, transport: 'http' } as const // as inspect/ speaks
  const upstream = createProgramUpstream(name, spoken, host, { hasOneCaller: true })
  return {
    ask: (_url, asked) => ask(upstream, asked),
    async close() {
      upstream.close()
      await host.close()
    },
  }
}

async function ask(upstream: Upstream, asked: ProbeRequest): Promise<Found<ProbeAnswer>> {
  const reply = await upstream.send(requestOf(asked)).reply
  if (!reply.ok) {
    const { refusal } = reply
    return missing(`the program did not answer: ${'detail' in refusal ? refusal.detail : refusal.reason}`)
  }
  const { status, headers: fields } = reply.value
  const headers = new Map<string, string>()
  for (let at = 0; at < fields.length; at += 2) headers.set(fields[at] as string, fields[at + 1] as string)
  const text = await textOf(reply.value, asked.isEnough)
  return text.ok ? found({ status, headers, text: text.value }) : text
}

function requestOf({ method, headers = {}, body }: ProbeRequest): UpstreamRequest {
  const fields = Object.entries(headers).flat()
  return {
    ...{ caller: 'operator', method, target: '', isStream: false, bufferJsonUpTo: 0 },
    era: headers['mcp-protocol-version'] === MODERN_VERSION ? 'modern' : 'legacy',
    headers: {
      ...{ fields, principal: undefined, requestId: 'operator', lastEventId: undefined },
      sessionId: headers['mcp-session-id'],
      mirrored: { method: false, name: false, arguments: false },
      ...{ calls: [], body: undefined },
    },
    body: body === undefined ? undefined : Buffer.from(body),
  }
}

function textOf({ body }: Reply, isEnough: ProbeRequest['isEnough']): Promise<Found<string>> {
  if (Buffer.isBuffer(body)) return Promise.resolve(found(body.toString('utf8')))
  const { promise, resolve } = Promise.withResolvers<Found<string>>()
  let text = ''
  body.start({
    data(chunk) {
      const piece = chunk.toString('utf8')
      text += piece
      if (isEnough?.(piece) !== true) return
      body.abort()
      resolve(found(text))
    },
    end: () => resolve(found(text)),
    fail: ({ reason }) => resolve(missing(`the answer of the program broke off: ${reason}`)),
  })
  return promise
}
