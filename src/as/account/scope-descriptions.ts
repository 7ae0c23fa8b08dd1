// Scopes in the words of `authorization_server.scopes`, for pages.

const IDENTITY_WORDS: ReadonlyMap<string, string> = new Map([
  ['openid', 'Know who you are'],
  ['profile', 'See your name'],
  ['email', 'See your e-mail address'],
  ['offline_access', 'Stay connected while you are away'],
])

/** The scope itself when nobody has put it into words. */
export function scopeDescription(words: ReadonlyMap<string, string>, scope: string): string {
  return words.get(scope) ?? IDENTITY_WORDS.get(scope) ?? scope
}
