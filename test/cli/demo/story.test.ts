// That the demo's story notices a gateway which answers wrongly: each case breaks one thing and names the step.
import { describe, expect, test } from 'vitest'
import { tellAnonymous } from '../../../src/cli/demo/story.ts'
import { createTranscript } from '../../../src/cli/demo/transcript.ts'
import type { Wire, WireExchange } from '../../../src/cli/demo/wire.ts'
import { recordingIo } from '../shared/recording-io.ts'

const URL_ = 'http://127.0.0.1:1/x/mcp'
const METADATA = 'http://127.0.0.1:1/.well-known/oauth-protected-resource/x/mcp'
const ISSUER = 'http://127.0.0.1:2'

interface Answers {
  readonly anonymous: { readonly status: number; readonly challenge: string }
  readonly stray: { readonly status: number; readonly challenge: string }
  readonly document: object
}

const RIGHT: Answers = {
  anonymous: { status: 401, challenge: `Bearer resource_metadata="${METADATA}", scope="mcp:use"` },
  stray: { status: 401, challenge: 'Bearer error="invalid_token", scope="mcp:use"' },
  document: { resource: URL_, authorization_servers: [ISSUER] },
}

function fakeWire(answers: Answers): Wire {
  let seen: WireExchange[] = []
  return {
    async fetch(url, init) {
      if (String(url) === METADATA) return Response.json(answers.document)
      const stray = new Headers(init?.headers).has('authorization')
      const { status, challenge } = stray ? answers.stray : answers.anonymous
      seen.push({ method: 'POST', url: String(url), path: '/x/mcp', status, challenge })
      return new Response('{}', { status })
    },
    take() {
      const taken = seen
      seen = []
      return taken
    },
  }
}

async function tell(changes: Partial<Answers>) {
  const io = recordingIo()
  const transcript = createTranscript(io)
  const scene = { url: URL_, issuer: ISSUER, wire: fakeWire({ ...RIGHT, ...changes }), transcript }
  return { well: await tellAnonymous(scene, 'stray'), out: io.out() }
}

describe('a caller without a token', () => {
  test('all right', async () => {
    const { well, out } = await tell({})
    expect([well, out.match(/✓/g)?.length]).toEqual([true, 3])
  })

  test.each<[string, Partial<Answers>, RegExp]>([
    [
      'is let in',
      { anonymous: { ...RIGHT.anonymous, status: 200 } },
      /✗ is refused.*\n.*status\n.*401\n.*200/,
    ],
    [
      'CHL: hears no metadata',
      { anonymous: { status: 401, challenge: 'Bearer scope="mcp:use"' } },
      /✗ is refused.*\n.*resource_metadata/,
    ],
    [
      'CHL: hears another scope',
      { anonymous: { status: 401, challenge: `Bearer resource_metadata="${METADATA}", scope="*"` } },
      /expected: "mcp:use"\n.*seen: {5}"\*"/,
    ],
    [
      'CHL: hears an error',
      { anonymous: { status: 401, challenge: `${RIGHT.anonymous.challenge}, error="invalid_token"` } },
      /error, which is absent/,
    ],
    [
      'PRM-08: finds another resource',
      { document: { ...RIGHT.document, resource: `${URL_}/` } },
      /✗ finds the resource metadata.*\n.*resource\n/,
    ],
    [
      'PRM-02: finds no issuer',
      { document: { resource: URL_ } },
      /authorization_servers\n.*\n.*seen: {5}nothing/,
    ],
    [
      'J19: uses a token for another server',
      { stray: { ...RIGHT.stray, status: 200 } },
      /✗ cannot use a token.*\n.*status/,
    ],
  ])('%s', async (_, changes, told) => {
    const { well, out } = await tell(changes)
    expect(well).toBe(false)
    expect(out).toMatch(told)
  })
})
