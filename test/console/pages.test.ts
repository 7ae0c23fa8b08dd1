// The other pages of the console, over the administration port of a whole gateway: policy with what is only observed,
// settings without secrets, and charts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chartsOf } from '../../src/console/chart.ts'
import { settingLines } from '../../src/console/shown-settings.ts'
import { Secret } from '../../src/core/secret.ts'
import type { Settings } from '../../src/core/settings.ts'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'

const SHOWN = { authorization: 'Bearer an admin token for the test' }
const POLICY = `
      rules:
        - { name: safe, tools: [safe], scopes: [a, "<b>"], who: { subjects: [user-1] }, when: 'args.count < 25' }
        - { name: open, tools: ["open_*"], scopes: [a] }
        - { name: watch, effect: deny, mode: observe, tools: ["open_x"] }
        - { name: never, effect: deny, tools: [purge] }`

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway({
    admin: '{ listen: 127.0.0.1:0, token: "${ADMIN}" }',
    env: { ADMIN: SHOWN.authorization.slice('Bearer '.length) },
    policy: POLICY,
  })
})
afterAll(() => gateway.close())

const pageOf = async (path: string) =>
  (await fetch(`${gateway.running.adminOrigin}/console${path}`, { headers: SHOWN })).text()

describe('the policy', () => {
  test('who may use what with which scopes, and what is denied', async () => {
    const page = await pageOf('/policy')
    expect(page).toContain('What no line speaks of is denied.')
    expect(page).toMatch(
      /<bdi>safe<\/bdi> <span class="soft">tool<\/span><\/th>\s*<td class="words"><bdi>subject user-1/,
    )
    expect(page).toContain('args.count &lt; 25')
    expect(page).toMatch(/<bdi>&lt;b&gt;<\/bdi>/)
    expect(page).toMatch(/<bdi>purge<\/bdi> <span class="soft">tool<\/span> <strong>denied/)
    expect(page).toMatch(/<bdi>watch<\/bdi> <span class="badge">only observed/)
  })

  test('what observe would have refused, by how often', async () => {
    expect(await pageOf('/policy')).toContain('Enforcing would have refused none of the calls that are kept.')
    for (const tool of ['open_x', 'open_y', 'open_x']) await gateway.post(toolCall(tool))
    const page = await pageOf('/policy?route=a')
    expect(page).toContain('Enforcing would have refused 2 of the calls that are kept.')
    expect(page).toMatch(/<td class="number">2<\/td><td><bdi>user-1<\/bdi><\/td>\s*<td><bdi>open_x<\/bdi>/)
    expect(page).toContain('refused: rule watch denies it')
  })

  test('a policy with more rules than a picture has names the command', async () => {
    const rules = Array.from({ length: 501 }, (_, n) => `\n        - { tools: [t${n}], scopes: [a] }`)
    await gateway.reload({ policy: `\n      rules:${rules.join('')}` })
    expect(await pageOf('/policy')).toContain('portcullis matrix --route a')
    await gateway.reload()
  })
})

describe('the settings', () => {
  test('with defaults, found by the filter, and no secret', async () => {
    const page = await pageOf('/settings?q=DPOP')
    expect(page).toMatch(/<bdi>routes\.a\.dpop<\/bdi><\/th><td class="words"><bdi>accept/)
    expect(page).not.toContain('public_url')
    const all = await pageOf('/settings')
    expect(all).toMatch(/<bdi>admin\.token<\/bdi><\/th><td class="words"><bdi>\[secret\]/)
    expect(all).not.toContain('an admin token')
  })

  test('what may hold a secret is not shown either', () => {
    const hidden = 'hush-hush'
    const program = {
      ...{
        command: ['node', `--key=${hidden}`],
        inherited: { HOME: hidden },
        env: { command: new Secret(hidden) },
      },
    }
    const settings = {
      ...{
        publicUrl: `https://user:${hidden}@gw.example/?key=${hidden}#${hidden}`,
        sessionKey: new Secret(hidden),
        admin: {
          token: new Secret(hidden),
          tokens: [{ name: 'ops', sha256: hidden }],
          peers: [{ name: 'east', token: new Secret(hidden) }],
        },
      },
      issuers: new Map([
        [
          'data',
          {
            ca: `-----BEGIN ${hidden}`,
            verdictSource: { kind: 'static_keys', keys: [{ name: 'k', sha256: hidden }] },
          },
        ],
      ]),
      routes: [
        { name: 'tests', upstream: program, tests: [{ who: { claims: { a: hidden } } }] },
        {
          name: 'command',
          upstream: { url: 'x' },
          browser: { client: { id: 'desk', parameters: { a: hidden } } },
        },
      ],
      authorizationServer: {
        data: `postgres://me:${hidden}@db.example/portcullis`,
        signIn: {
          providers: new Map([
            ['p', { name: 'p', parameters: { a: hidden }, clientSecret: new Secret(hidden) }],
          ]),
        },
      },
    } as unknown as Settings
    const lines = [...settingLines(settings)]
    const named = Object.fromEntries(lines.map(({ name, value }) => [name, value]))
    expect(JSON.stringify(lines)).not.toContain(hidden)
    expect(named).toMatchObject({
      public_url: 'https://gw.example/ [secret]',
      'routes.tests.upstream.command': 'node, [secret]',
      'routes.tests.upstream.env.command': '[secret]',
      'routes.tests.upstream.inherited.HOME': '[secret]',
      'routes.command.browser.client.id': 'desk',
      'issuers.data.verdict_source.keys.k.sha256': '[secret]',
      'authorization_server.data': 'postgres://db.example:5432/portcullis (schema portcullis)',
    })
  })
})

describe('the charts', () => {
  const took = (place: number) => Array.from({ length: 14 }, (_, at) => (at === place ? 10 : 0))

  test('a bar for each minute, as high as its part of the most, and the same in words', () => {
    const minutes = [
      { minute: 990, calls: 10, refused: 0, took: took(1) },
      { minute: 1_000, calls: 20, refused: 5, took: took(8) },
      { minute: 900, calls: 1_000, refused: 0, took: took(8) },
    ]
    const drawn = String(chartsOf(minutes, 1_000))
    expect(drawn).toContain('Calls in the last hour: 30, of which 5 were refused; at most 20 in a minute')
    expect(drawn).toContain('<rect class="calls" x="59" y="0" width="0.8" height="100"/>')
    expect(drawn).toContain('<rect class="refused" x="59" y="75" width="0.8" height="25"/>')
    expect(drawn).toContain('<rect class="calls" x="49" y="50" width="0.8" height="50"/>')
    expect(drawn).toContain('half took at most 2 ms, and 95 of 100 at most 1 s')
  })

  test('an hour without a call', () => {
    expect(String(chartsOf([], 1_000))).not.toContain('<rect')
  })

  test('on the page of the routes', async () => {
    await gateway.post(toolCall('purge'))
    expect(await pageOf('')).toMatch(/Calls in the last hour:<\/strong> \d+, of which [1-9]\d* were refused/)
  })
})
