// Checks of the protected resource metadata (RFC 9728) in every form that clients ask for.
import { type CheckResult, type DoctorCheck, doubtful, KEPT, keptIf, skipped, violated } from './check.ts'
import { readDocument, type ServerSnapshot, wellKnownOf } from './server-snapshot.ts'

const NONE = skipped('there is no metadata')

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

export const METADATA_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'PRM-01',
    severity: 'shut',
    rule: 'protected resource metadata is served as JSON, without a token',
    cure: 'serve RFC 9728 metadata at the URL of the challenge, and at its well-known URL',
    quick: true,
    judge: ({ metadata }) => (metadata.ok ? KEPT : violated(metadata.problem)),
  },
  {
    id: 'PRM-06',
    severity: 'shut',
    rule: 'the well-known URL answers too, for clients that do not read the challenge',
    cure: 'serve the same document at /.well-known/oauth-protected-resource followed by the path',
    judge: async ({ http, metadata, wellKnown }) => {
      if (!metadata.ok) return NONE
      const read = await readDocument(http, wellKnown)
      return read.ok ? KEPT : violated(read.problem)
    },
  },
  {
    id: 'PRM-08',
    severity: 'shut',
    rule: 'resource is exactly the URL that the client typed',
    cure: 'set the public URL of the server to what clients type, byte for byte',
    quick: true,
    judge: ({ metadata, url }) => (metadata.ok ? judgeResource(metadata.value['resource'], url) : NONE),
  },
  {
    id: 'PRM-15',
    severity: 'shut',
    rule: 'with and without a slash at the end, each form is served with itself as the resource',
    cure: 'serve both forms; clients add and remove the slash',
    judge: judgeTwin,
  },
  {
    id: 'PRM-14',
    severity: 'hardening',
    rule: 'the well-known URL without a path names a server of this origin, or is not there',
    cure: 'serve nothing there, or the document of the only server of this origin',
    judge: judgeRoot,
  },
  {
    id: 'PRM-02',
    severity: 'shut',
    rule: 'authorization_servers names at least one issuer',
    cure: 'name the issuer, exactly as it stands in its own metadata',
    judge: ({ metadata }) => {
      if (!metadata.ok) return NONE
      return keptIf(textsOf(metadata.value['authorization_servers']).length > 0, 'none is named')
    },
  },
  {
    id: 'PRM-07',
    severity: 'shut',
    rule: 'lists without members are left out',
    cure: 'leave the member out instead of sending []',
    judge: ({ metadata }) => {
      if (!metadata.ok) return NONE
      const empty = Object.entries(metadata.value).find(
        ([, value]) => Array.isArray(value) && value.length === 0,
      )
      return keptIf(empty === undefined, `${empty?.[0]} is []`)
    },
  },
  {
    id: 'PRM-11',
    severity: 'shut',
    rule: 'offline_access is no scope of a resource',
    cure: 'remove it from scopes_supported and from challenges; it is between client and issuer',
    judge: ({ metadata, challenge }) => {
      if (!metadata.ok) return NONE
      const scopes = textsOf(metadata.value['scopes_supported']).join(' ')
      const asked = challenge?.parameters.get('scope') ?? ''
      return keptIf(!`${scopes} ${asked}`.split(' ').includes('offline_access'), 'it is asked for')
    },
  },
]

function judgeResource(resource: unknown, url: URL): CheckResult {
  if (resource === url.href) return KEPT
  if (typeof resource !== 'string') return violated('there is none')
  // N-07: the URL class adds a slash to a bare origin, which the client did not type.
  const isBare = url.pathname === '/' && `${resource}/` === url.href
  return isBare ? KEPT : violated(`it is ${resource}`)
}

async function judgeTwin({ http, url, metadata }: ServerSnapshot): Promise<CheckResult> {
  if (!metadata.ok || url.pathname === '/') return NONE
  const twin = new URL(url)
  twin.pathname = url.pathname.endsWith('/') ? url.pathname.slice(0, -1) : `${url.pathname}/`
  const read = await readDocument(http, wellKnownOf(twin, 'oauth-protected-resource'))
  if (!read.ok) return doubtful(`the other form has no metadata: ${read.problem}`)
  const { resource } = read.value as { readonly resource?: unknown }
  return resource === twin.href ? KEPT : doubtful('the other form names a resource that is not itself')
}

async function judgeRoot({ http, url, metadata }: ServerSnapshot): Promise<CheckResult> {
  if (!metadata.ok || url.pathname === '/') return NONE
  const read = await readDocument(http, `${url.origin}/.well-known/oauth-protected-resource`)
  if (!read.ok) return KEPT
  const resource = String(read.value['resource'])
  return keptIf(resource.startsWith(url.origin), 'it names a resource of another origin')
}
