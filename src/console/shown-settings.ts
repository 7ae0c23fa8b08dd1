// The settings in force as lines of name and value, fit to be looked at: a secret is `[secret]`, and so is what may hold
// one: the query and the user of a URL, arguments and the environment of a program, the digest of a key. Values only.
import { Secret } from '../core/secret.ts'
import { type IssuerSettings, isProgram, type RouteSettings, type Settings } from '../core/settings.ts'
import type { AuthorizationServerSettings, ProviderSettings } from '../core/settings-as.ts'
import { shownData } from '../lib/postgres-url.ts'

export interface SettingLine {
  /** `routes.notes.limits.body_bytes` */
  readonly name: string
  readonly value: string
}

const HIDDEN = '[secret]'

export function settingLines(settings: Settings): Iterable<SettingLine> {
  const { admin, issuers, routes, authorizationServer: server } = settings
  return linesOf('', {
    ...settings,
    admin: { ...admin, tokens: admin.tokens.map((token) => ({ ...token, sha256: HIDDEN })) },
    issuers: new Map([...issuers].map(([name, issuer]) => [name, withoutDigests(issuer)])),
    routes: routes.map(withoutArguments),
    ...(server === undefined ? {} : { authorizationServer: withoutPassword(server) }),
  })
}

/** The key behind a digest may be a short one. */
function withoutDigests(issuer: IssuerSettings): object {
  const { verdictSource: source } = issuer
  if (source?.kind !== 'static_keys') return issuer
  const keys = source.keys.map((key) => ({ ...key, sha256: HIDDEN }))
  return { ...issuer, verdictSource: { ...source, keys } }
}

function withoutArguments({ tests: _tests, browser, ...route }: RouteSettings): object {
  const { upstream } = route
  return {
    ...route,
    ...(browser === undefined ? {} : { browser: withoutParameters(browser) }),
    ...(isProgram(upstream)
      ? {
          upstream: {
            ...upstream,
            command: upstream.command.map((part, place) => (place === 0 ? part : HIDDEN)),
            inherited: hidden(upstream.inherited),
          },
        }
      : {}),
  }
}

function withoutParameters(browser: NonNullable<RouteSettings['browser']>): object {
  const { client } = browser
  return client === undefined
    ? browser
    : { ...browser, client: { ...client, parameters: hidden(client.parameters) } }
}

function withoutPassword({ data, signIn, ...server }: AuthorizationServerSettings): object {
  const shown = ({ parameters = {}, ...provider }: ProviderSettings) => ({
    ...provider,
    parameters: hidden(parameters),
  })
  const providers = new Map([...signIn.providers].map(([name, provider]) => [name, shown(provider)]))
  return { data: shownData(data), ...server, signIn: { ...signIn, providers } }
}

function hidden(values: Readonly<Record<string, string>>): object {
  return new Map(Object.keys(values).map((name) => [name, HIDDEN]))
}

function* linesOf(name: string, value: unknown): Iterable<SettingLine> {
  const members = membersOf(value)
  if (members === undefined) {
    if (value !== undefined) yield { name, value: shownValue(value) }
    return
  }
  if (members.length === 0) yield { name, value: 'none' }
  for (const [key, member] of members) yield* linesOf(name === '' ? key : `${name}.${key}`, member)
}

/** Undefined for a value that stands on one line. */
function membersOf(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (value instanceof Map) return [...value].map(([key, member]) => [String(key), member])
  if (typeof value !== 'object' || value === null || value instanceof Secret || value instanceof Set)
    return undefined
  if (Array.isArray(value)) return value.every(isPlain) ? undefined : value.map(namedMember)
  return Object.entries(value).map(([key, member]) => [keyOfFile(key), member])
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null
}

/** A route or a rule stands under its name, as in messages about the file. */
function namedMember(member: unknown, place: number): readonly [string, unknown] {
  const name = typeof member === 'object' && member !== null && 'name' in member ? member.name : undefined
  return [typeof name === 'string' ? name : `[${place}]`, member]
}

/** `perSubject` is `per_subject` in the file. */
function keyOfFile(key: string): string {
  return /^[a-z][a-zA-Z]*$/.test(key) ? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : key
}

function shownValue(value: unknown): string {
  if (value instanceof Secret) return HIDDEN
  if (value instanceof Set || Array.isArray(value)) return [...value].map(shownValue).join(', ') || 'none'
  return typeof value === 'string' ? shownString(value) : String(value)
}

function shownString(text: string): string {
  if (text.startsWith('-----BEGIN')) return `[PEM of ${text.length} characters]`
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || !URL.canParse(text)) return text
  const url = new URL(text)
  if (url.username + url.password + url.search + url.hash === '') return text
  Object.assign(url, { username: '', password: '', search: '', hash: '' })
  return `${url.href} ${HIDDEN}`
}
