// The corpus of client behaviour, replayed: each file of `corpus/` has the requests of one client, and what it must be
// answered so that it goes on. They go over the socket to a gateway with the embedded authorization server.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RECORDABLE } from '../interop/corpus/recordable.ts'
import { publish } from './corpus/document.ts'
import { readCorpus } from './corpus/format.ts'
import { replay } from './corpus/replay.ts'
import { Variables } from './corpus/variables.ts'
import { type CorpusWorld, startCorpusWorld } from './corpus/world.ts'

const corpus = readCorpus()

let world: CorpusWorld
beforeAll(async () => {
  world = await startCorpusWorld()
})
afterAll(() => world.close())

const played = corpus.filter(({ client }) => client.flows.length > 0)

describe.each(played)('$client.client $client.version ($client.kind, $client.date)', ({ file, client }) => {
  test.each(client.flows)('$name', async (flow) => {
    const { whole, documents } = world
    const variables = new Variables([
      ['origin', whole.origin],
      ['resource', whole.resource],
    ])
    if (client.document !== undefined) publish(`/${file}.json`, client.document, { documents, variables })
    await replay(flow, { variables, person: whole.person(), open: new Set() })
  })
})

test('there are clients of every kind, and each has requests to replay', () => {
  expect(new Set(corpus.map(({ client }) => client.kind))).toEqual(
    new Set(['run', 'recording', 'documentation']),
  )
  expect(corpus.filter(({ client }) => client.flows.length === 0).map(({ file }) => file)).toEqual([])
})

test.each(RECORDABLE)('$file was run in the version that is pinned here', ({ file, client, version }) => {
  const recorded = corpus.find((one) => one.file === `${file}.yaml`)?.client
  // Another version: node scripts/record-clients.mjs, then npm run docs.
  expect(recorded).toMatchObject({ kind: 'run', client, version })
})

test('what says that it was run is what can be run here', () => {
  const run = corpus.filter(({ client }) => client.kind === 'run').map(({ file }) => file)
  expect(run).toEqual(RECORDABLE.map(({ file }) => `${file}.yaml`).sort())
})
