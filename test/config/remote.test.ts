// `policy.source` in the file: which combinations load, and what is told of the others.
import { describe, expect, it } from 'vitest'
import { expectError, file, settingsOf } from './support.ts'

const BLOCK = 'authsec: { resource_server: rs, secret: "${SECRET}" }'
const DENY = ['{ effect: deny, tools: [a] }']

describe('policy.source', () => {
  it('local is the default', () => {
    expect(settingsOf(file()).routes[0]?.policy.remote).toBeUndefined()
  })

  it.each([
    ['authsec', false],
    ['authsec_else_local', true],
  ])('%s', (source, orLocal) => {
    const remote = settingsOf(file({ policy: `source: ${source}\n${BLOCK}`, rules: DENY })).routes[0]?.policy
      .remote
    expect(remote).toMatchObject({
      ...{
        kind: 'authsec',
        url: 'https://prod.api.authsec.ai',
        resourceServer: 'rs',
        clientId: 'rs',
        orLocal,
        legacyEmpty: 'deny',
      },
    })
    expect(remote?.secret.reveal()).toBe('from-env')
  })

  const rows: readonly (readonly [string, string, RegExp, (readonly string[])?])[] = [
    ['a source without its block', 'source: authsec', /authsec needs an authsec block/],
    ['a block without its source', BLOCK, /nothing uses this block/],
    ['another source', 'source: authsex', /expected one of local, authsec, authsec_else_local/],
    ['open by default', `source: authsec\n${BLOCK}\ndefault: allow`, /denied there, so it is denied here/],
    [
      'tools beside AuthSec alone',
      `source: authsec\n${BLOCK}`,
      /decides about tools alone/,
      ['{ tools: [a] }'],
    ],
    [
      'plain http',
      `source: authsec\n${BLOCK.replace('{', '{ url: http://10.0.0.1,')}`,
      /plain http is only for this machine/,
    ],
  ]
  const cases = rows.map(([name, policy, words, rules = DENY]) => ({ name, policy, words, rules }))
  it.each(cases)('$name', ({ policy, words, rules }) => {
    expectError(file({ policy, rules }), words)
  })
})
