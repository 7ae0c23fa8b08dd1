// The programs of a worker, which its primary has: for each route an upstream whose calls go over a channel. Nothing is started
// here, and nothing is decided. Without the primary its calls fail, and the worker drains.
import type { Duplex } from 'node:stream'
import { type Refusal, refuse } from '../core/refusal.ts'
import type { ProgramSettings } from '../core/settings-program.ts'
import { STOPPING } from '../upstream/failure.ts'
import { createHealth, type Health } from '../upstream/health.ts'
import type { ProgramCaller, ProgramRequest } from '../upstream/program/program-request.ts'
import type { ProgramUpstream } from '../upstream/program/program-upstream.ts'
import type { Programs } from '../upstream/program/programs.ts'
import type { Sent } from '../upstream/upstream.ts'
import { type FrameChannel, openFrameChannel } from './frame-channel.ts'
import {
  type ForwardedRequest,
  keyOfProgram,
  type ProgramAnswer,
  type ProgramCommand,
} from './program-messages.ts'
import { RemoteCall } from './remote-call.ts'

const AWAY: Refusal = { reason: 'upstream_unreachable', detail: 'the process that has the programs is gone' }
const BEHIND: Refusal = {
  ...{ reason: 'overloaded', detail: 'the process that has the programs does not read' },
  retryAfterSeconds: 5,
}

interface Called {
  readonly call: RemoteCall
  readonly health: Health
}

export function createProgramsClient(stream: Duplex): Programs {
  const calls = new Map<number, Called>()
  let last = 0
  let isAway = false
  const channel = openFrameChannel<ProgramCommand, ProgramAnswer>(
    stream,
    (answer, bytes) => hear(calls.get(answer[1]), answer, bytes),
    () => {
      isAway = true
      for (const { call } of [...calls.values()]) call.finish(AWAY)
    },
  )
  const begin: BeginCall = (request, health, { upstream, onOver }) => {
    if (isAway || !channel.takes) return isAway ? AWAY : BEHIND
    last += 1
    const number = last
    const call = new RemoteCall({
      took: (bytes) => channel.send(['took', number, bytes]),
      onOver(left) {
        calls.delete(number)
        onOver(call)
        if (left) channel.send(['abort', number])
      },
      onWritten: request.onWritten,
    })
    calls.set(number, { call, health })
    channel.send(['send', number, upstream, forwarded(request)], request.body)
    return call
  }
  let upstreams = 0
  return {
    upstreamOf(route, settings) {
      upstreams += 1
      return createRemoteUpstream({ number: upstreams, route, settings, channel, begin })
    },
    close: async () => channel.end(),
  }
}

/** A refusal where it could not begin. */
type BeginCall = (
  request: ProgramRequest,
  health: Health,
  of: { readonly upstream: number; readonly onOver: (call: RemoteCall) => void },
) => RemoteCall | Refusal

function hear(called: Called | undefined, answer: ProgramAnswer, bytes: Buffer): void {
  if (called === undefined) return // nobody waits for it any more
  const { call, health } = called
  switch (answer[0]) {
    case 'written':
      call.written()
      break
    case 'refused':
      if (!answer[3]) health.failed(answer[2])
      call.finish(answer[2])
      break
    case 'reply':
      health.succeeded()
      call.begins(answer[2], bytes)
      break
    case 'data':
      call.data(bytes)
      break
    case 'end':
      call.finish('whole')
      break
    case 'failed':
      call.finish(answer[2])
  }
}

interface RemoteUpstreamParts {
  readonly number: number
  readonly route: string
  readonly settings: ProgramSettings
  readonly channel: FrameChannel<ProgramCommand>
  readonly begin: BeginCall
}

function createRemoteUpstream(parts: RemoteUpstreamParts): ProgramUpstream {
  const { number, route, settings, channel, begin } = parts
  const health = createHealth(`${route} upstream`, () => performance.now())
  const calls = new Set<RemoteCall>()
  const onOver = (call: RemoteCall) => void calls.delete(call)
  const needsClaims = Object.values(settings.env).some((variable) => 'claim' in variable)
  let isClosed = false
  channel.send(['hold', number, keyOfProgram(route, settings)])
  return {
    send(request) {
      if (isClosed) return refused(STOPPING)
      const begun = begin(needsClaims ? request : withoutClaims(request), health, {
        upstream: number,
        onOver,
      })
      if (!(begun instanceof RemoteCall)) return refused(begun)
      calls.add(begun)
      return { reply: begun.reply, abort: () => begun.abort() }
    },
    status: health.status,
    isReady: health.isReady,
    close() {
      isClosed = true
      for (const call of [...calls]) call.breakOff(STOPPING)
      channel.send(['release', number])
    },
  }
}

function forwarded({ body, onWritten, ...request }: ProgramRequest): ForwardedRequest {
  const { caller, era, method, target, isStream, bufferJsonUpTo, headers } = request
  const { sessionId, lastEventId, principal } = headers
  return {
    ...{ caller, era, method, target, isStream, bufferJsonUpTo },
    headers: { sessionId, lastEventId, principal: principal && callerOf(principal) },
    hasBody: body !== undefined,
    tellsWritten: onWritten !== undefined,
  }
}

/** Nothing else that is known of a caller leaves this process. */
function callerOf({ issuer, subject, key, clientId, claims }: ProgramCaller): ProgramCaller {
  return { issuer, subject, key, clientId, claims }
}

function withoutClaims(request: ProgramRequest): ProgramRequest {
  const { headers } = request
  const principal = headers.principal && { ...headers.principal, claims: {} }
  return { ...request, headers: { ...headers, principal } }
}

function refused(refusal: Refusal): Sent {
  return { reply: Promise.resolve(refuse(refusal)), abort() {} }
}
