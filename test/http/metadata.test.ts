// The protected resource documents and where they stand.
import { expect, test } from 'vitest'
import {
  metadataDocuments,
  metadataUrl,
  type ProtectedResource,
  pathForms,
  protectedResourceMetadata,
} from '../../src/http/metadata.ts'

const ORIGIN = 'https://gw.example'

function resource(over: Partial<ProtectedResource> = {}): ProtectedResource {
  return {
    name: 'notes',
    origin: ORIGIN,
    path: '/notes/mcp',
    authorizationServers: ['https://as.example/', 'https://as.example/t1'],
    signInScopes: ['notes:read'],
    dpopAlgorithms: [],
    dpopRequired: false,
    ...over,
  }
}

test.each([
  ['/mcp', '/.well-known/oauth-protected-resource/mcp'],
  ['/a/mcp', '/.well-known/oauth-protected-resource/a/mcp'],
  ['/mcp/', '/.well-known/oauth-protected-resource/mcp/'],
  ['/', '/.well-known/oauth-protected-resource'],
])('PRM-05 the document for %s', (path, expected) =>
  expect(metadataUrl(ORIGIN, path)).toBe(ORIGIN + expected),
)

test('PRM-09 the whole document, issuers byte for byte and in order (PRM-12, PRM-13)', () => {
  expect(JSON.parse(protectedResourceMetadata(resource(), '/notes/mcp'))).toEqual({
    resource: 'https://gw.example/notes/mcp',
    authorization_servers: ['https://as.example/', 'https://as.example/t1'],
    scopes_supported: ['notes:read'],
    bearer_methods_supported: ['header'],
    resource_name: 'notes',
  })
})

test('PRM-07 members without a value are left out', () => {
  const document = JSON.parse(protectedResourceMetadata(resource({ signInScopes: [] }), '/notes/mcp'))
  expect(Object.keys(document)).not.toContain('scopes_supported')
  expect(Object.keys(document)).not.toContain('dpop_bound_access_tokens_required')
})

test.each([
  [['ES256'], false, undefined],
  [['ES256'], true, true],
])('PRM-09 DPoP with %j, required %j', (dpopAlgorithms, dpopRequired, required) => {
  const document = protectedResourceMetadata(resource({ dpopAlgorithms, dpopRequired }), '/notes/mcp')
  const read = JSON.parse(document) as Record<string, unknown>
  expect(read['dpop_signing_alg_values_supported']).toEqual(dpopAlgorithms)
  expect(read['dpop_bound_access_tokens_required']).toBe(required)
})

test('PRM-15 both forms of a path, each with a resource of its own form', () => {
  const documents = metadataDocuments([resource(), resource({ path: '/other' })])
  for (const path of ['/notes/mcp', '/notes/mcp/', '/other', '/other/']) {
    const document = documents.get(`/.well-known/oauth-protected-resource${path}`) ?? '{}'
    expect(JSON.parse(document).resource).toBe(ORIGIN + path)
  }
})

test('PRM-14 one route: the root names it in full; several: the root has nothing', () => {
  const one = metadataDocuments([resource()])
  for (const root of ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/']) {
    expect(JSON.parse(one.get(root) ?? '{}').resource).toBe(`${ORIGIN}/notes/mcp`)
  }
  const two = metadataDocuments([resource(), resource({ path: '/other' })])
  expect(two.get('/.well-known/oauth-protected-resource')).toBeUndefined()
  expect(two.get('/.well-known/oauth-protected-resource/elsewhere')).toBeUndefined()
})

test('H34 a root path has no twin', () => {
  expect(pathForms('/')).toEqual(['/'])
  expect(pathForms('/mcp')).toEqual(['/mcp', '/mcp/'])
})

test('scopes of a policy that is kept elsewhere stand beside the own ones, as they are now', () => {
  let remote: readonly string[] = []
  const documents = metadataDocuments([resource({ signInScopes: ['own'], remoteScopes: () => remote })])
  const scopes = () =>
    JSON.parse(documents.get('/.well-known/oauth-protected-resource/notes/mcp') ?? '{}').scopes_supported
  expect(scopes()).toEqual(['own'])
  remote = ['own', 'later']
  expect(scopes()).toEqual(['own', 'later'])
})
