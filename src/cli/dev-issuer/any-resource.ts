// What clients may ask the development issuer for: any resource and any scope, since it knows no gateway. A gateway
// checks both by itself. Nothing here says what a real server may give.
import { LRUCache } from 'lru-cache'
import type { Resources } from '../../as/contract.ts'
import { OPENID_SCOPES } from '../../as/engine/resources.ts'
import { isScopeToken } from '../../core/scopes.ts'

const MAX_SCOPES = 1000

export function createAnyResource(): Resources {
  /** Scopes that were asked for. The engine compares each request with what its resource knows. */
  const known = new LRUCache<string, true>({ max: MAX_SCOPES })
  return {
    only: undefined,
    get scopes() {
      return [...known.keys()]
    },
    find(resource) {
      if (!isResource(resource)) return undefined
      const scopes = [...known.keys()]
      return { resource, audience: resource, baseline: scopes, scopes }
    },
    meantBy: () => [],
    scopesFor(_route, scope) {
      const asked = [...new Set((scope ?? '').split(' '))].filter(isScopeToken)
      for (const name of asked) if (!OPENID_SCOPES.includes(name)) known.set(name, true)
      return asked
    },
  }
}

/** RFC 8707 §2: an absolute URI without a fragment. */
function isResource(text: string): boolean {
  return URL.canParse(text) && !text.includes('#')
}
