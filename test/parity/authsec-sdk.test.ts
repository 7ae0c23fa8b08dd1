// The Python SDK of AuthSec, as PyPI has it, was run against a recorder (scripts/record-authsec.mjs). Here the gateway
// asks and reads beside it: the same question on the wire, and of each document the same, or less.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import type { RemotePolicySettings } from '../../src/core/settings-remote.ts'
import { readJsonObject } from '../../src/lib/strict-json.ts'
import { authsecAddress } from '../../src/remote/authsec.ts'
import { readSdkPolicy } from '../../src/remote/sdk-policy.ts'

interface Read {
  readonly tools?: Readonly<Record<string, readonly string[]>>
  readonly incomplete?: string
}

interface Recording {
  readonly version: string
  readonly fetch: { readonly path: string; readonly headers: { readonly authorization: string } }
  readonly policies: readonly {
    readonly name: string
    readonly document: { readonly tool_policy?: unknown }
    readonly sdk: Read
  }[]
}

const recording = JSON.parse(
  readFileSync(new URL('recordings/authsec-sdk.json', import.meta.url), 'utf8'),
) as Recording

/** Tool → any of these scopes; an empty list is public, as the SDK writes it. */
function ourReading(document: object, legacyEmpty: 'deny' | 'public'): Read['tools'] {
  const parsed = readJsonObject(Buffer.from(JSON.stringify(document)))
  const policy = parsed && readSdkPolicy(parsed, legacyEmpty)
  return Object.fromEntries(
    (policy?.rules ?? []).map(({ tools: [tool = ''], scopes }) => [
      tool,
      (scopes as { any: string[] })?.any ?? [],
    ]),
  )
}

/** Where the gateway opens less than the SDK, and why. */
const STRICTER: Readonly<Record<string, string>> = {
  'an empty tool_policy beside tools': 'the list is there, so the older map says nothing',
  'a tool_policy of null beside tools': 'the list is there, so the older map says nothing',
  'a name that stands twice': 'two entries contradict each other',
  'a name that stands twice, the second says nothing': 'two entries contradict each other',
  'older form, incomplete': 'false is false',
}

describe(`AuthSec's policy, read by authsec-sdk ${recording.version} and here`, () => {
  test.each(recording.policies)('$name', ({ name, document, sdk }) => {
    const expected = name in STRICTER ? {} : (sdk.tools ?? {})
    expect(ourReading(document, 'public')).toEqual(expected)
  })

  test('both ask the same way', () => {
    const settings: RemotePolicySettings = {
      ...{ kind: 'authsec', url: 'http://127.0.0.1:1', resourceServer: 'rs-1', clientId: 'client-9' },
      ...{ secret: new Secret('intro+spection/secret='), orLocal: false, legacyEmpty: 'deny' },
      ...{ publishManifest: true, suggestedScopes: new Map([['purge', ['notes:write']]]) },
    }
    const { url, headers } = authsecAddress(settings, 'sdk-policy')
    expect({ path: new URL(url).pathname, authorization: headers['authorization'] }).toEqual({
      path: recording.fetch.path,
      authorization: recording.fetch.headers.authorization,
    })
  })

  test('what is called stricter is so', () => {
    for (const { name, document, sdk } of recording.policies)
      if (name in STRICTER) expect(ourReading(document, 'public'), name).not.toEqual(sdk.tools)
  })

  test('without `legacy_empty: public` nothing of the older map is open', () => {
    for (const { name, document } of recording.policies.filter((one) => !one.document.tool_policy))
      expect(Object.values(ourReading(document, 'deny') ?? {}), name).not.toContainEqual([])
  })
})
