// The skills extension (SEP-2640) with the official server and client of 2.4: a skill and a directory are judged like the
// resource that their URI names, lists of them are filtered, and a client keeps them no longer than its token.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { SkillsClient } from '@modelcontextprotocol/client/ext/skills'
import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { memorySkillFiles, SkillCatalog } from '@modelcontextprotocol/server/ext/skills'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'

const about = (name: string) => `---\nname: ${name}\ndescription: About ${name}\n---\nText.`
const FILES = {
  'open/SKILL.md': about('open'),
  'open/guides/A.md': 'a',
  'open/guides/SECRET.md': 'b',
  'secret/SKILL.md': about('secret'),
}
const POLICY = `
      rules:
        - { name: skills, resources: ["skill://open/**"], scopes: [a] }
        - { name: never, effect: deny, resources: ["skill://open/guides/SECRET.md"] }`

let gateway: TestGateway
let client: Client
let skills: SkillsClient
const closers: (() => unknown)[] = []

beforeAll(async () => {
  const hint = { ttlMs: 86_400_000, cacheScope: 'public' } as const
  const catalog = await SkillCatalog.load(memorySkillFiles(FILES), { cacheHint: hint })
  const handler = createMcpHandler(
    () => {
      const server = new McpServer({ name: 'skilled', version: '1' })
      catalog.attach(server)
      return server
    },
    { legacy: 'reject' },
  )
  const serve = toNodeHandler(handler)
  const server = createServer((request, response) => serve(request as NodeIncomingMessageLike, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => server.close())
  const { port } = server.address() as AddressInfo
  gateway = await startTestGateway({ policy: POLICY, upstreamUrl: `http://127.0.0.1:${port}/` })
  closers.push(() => gateway.close())
  client = new Client({ name: 'host', version: '1' }, { versionNegotiation: { mode: 'auto' } })
  const requestInit = { headers: { authorization: `Bearer ${gateway.token('a')}` } }
  await client.connect(new StreamableHTTPClientTransport(new URL(gateway.resource), { requestInit }))
  closers.push(() => client.close())
  skills = new SkillsClient(client)
})
afterAll(async () => {
  for (const close of closers.reverse()) await close()
})

const uris = (listed: readonly { readonly uri: string }[]) => listed.map(({ uri }) => uri)

test('S60 the list of skills holds what its caller may read, for this caller alone', async () => {
  expect(skills.supported).toBe(true)
  const { skills: entries, ttlMs, cacheScope } = await skills.list()
  expect(uris(entries)).toEqual(['skill://open/SKILL.md'])
  expect(cacheScope).toBe('private')
  expect(ttlMs).toBeLessThanOrEqual(600_000)
})

test('S60 a skill is read by the URI of its file, and one that is denied is not', async () => {
  const { skill, ttlMs, cacheScope } = await skills.get('skill://open/SKILL.md')
  expect(skill.frontmatter.name).toBe('open')
  expect(cacheScope).toBe('private')
  expect(ttlMs).toBeLessThanOrEqual(600_000)
  await expect(skills.get('skill://secret/SKILL.md')).rejects.toThrow()
})

test('S60 a directory is judged by its URI, and lists what its caller may read', async () => {
  const { resources } = await skills.readDirectory('skill://open/guides')
  expect(uris(resources)).toEqual(['skill://open/guides/A.md'])
  await expect(skills.readDirectory('skill://secret')).rejects.toThrow()
})
