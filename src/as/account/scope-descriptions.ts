// Scopes in the words of `authorization_server.scopes`, for pages.
import type { PlainTextKey, Sentence } from '../pages/texts/locale.ts'

const IDENTITY_SCOPES: ReadonlyMap<string, PlainTextKey> = new Map([
  ['openid', 'scopeOpenid'],
  ['profile', 'scopeProfile'],
  ['email', 'scopeEmail'],
  ['offline_access', 'scopeOfflineAccess'],
] as const)

/** A scope that is about the person and no server. */
export function isIdentityScope(scope: string): boolean {
  return IDENTITY_SCOPES.has(scope)
}

/** The scope itself when nobody has put it into words. */
export function scopeDescription(words: ReadonlyMap<string, string>, scope: string): Sentence {
  const said = words.get(scope)
  return said === undefined ? (IDENTITY_SCOPES.get(scope) ?? (() => scope)) : () => said
}
