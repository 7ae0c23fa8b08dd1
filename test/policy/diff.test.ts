// What an edit widens and narrows, and the matrix: both read the file as the gateway does.
import { describe, expect, it } from 'vitest'
import { diffSettings } from '../../src/policy/diff.ts'
import { matrixOf } from '../../src/policy/matrix.ts'
import { file, settingsOf } from '../config/support.ts'

const BASE = {
  top: 'scopes_imply: { admin: [write], write: [read] }',
  route: 'scopes: [read]',
  issuer:
    'validation: jwt_else_introspection\nintrospection: { client_id: gate, client_secret: "${SECRET}" }',
  rules: [
    '{ name: reading, tools: [list, "search_*"] }',
    '{ name: writing, tools: ["*_note"], except: [purge_note], scopes: [write] }',
    '{ name: purge, tools: [purge_note], scopes: { all: [write, admin] }, who: { roles: [ops, root] } }',
    '{ name: pay, tools: [pay], scopes: [pay], when: "args.sum < 10" }',
    '{ name: no-bots, effect: deny, tools: ["*_note"], who: { clients: [bot] }, mode: observe }',
  ],
}
const OLD = settingsOf(file(BASE))

function edited(change: (rules: string[]) => string[], more: object = {}): string[] {
  const fresh = settingsOf(file({ ...BASE, rules: change([...BASE.rules]), ...more }))
  return diffSettings(OLD, fresh).map(
    ({ direction, about, who, scopes }) =>
      `${direction} ${about}${who && ` for ${who}`} [${scopes?.join(' ') ?? ''}]`,
  )
}

const swap = (from: string, to: string) => (rules: string[]) => rules.map((each) => each.replace(from, to))
const keep = (rules: string[]) => rules

describe('diff', () => {
  const cases: readonly (readonly [what: string, found: string[], expected: readonly string[]])[] = [
    ['nothing', edited(keep), []],
    ['another order', edited((rules) => rules.toReversed()), []],
    ['other names of rules', edited(swap('name: reading', 'name: looking')), []],
    ['a rule without its scopes', edited(swap(', scopes: [write] }', ' }')), ['widens tool *_note [read]']],
    [
      'a scope that implies',
      edited(swap('scopes: [write] }', 'scopes: [admin] }')),
      ['narrows tool *_note [read write]'],
    ],
    [
      'a rule less',
      edited((rules) => rules.slice(1)),
      ['narrows tool list [read]', 'narrows tool search_* [read]'],
    ],
    ['a rule more', edited((rules) => [...rules, '{ tools: [new] }']), ['widens tool new [read]']],
    [
      'one role less',
      edited(swap('[ops, root]', '[ops]')),
      ['narrows tool purge_note for role root [admin read write]'],
    ],
    [
      'for everybody',
      edited(swap(', who: { roles: [ops, root] }', '')),
      ['widens tool purge_note [admin read write]'],
    ],
    ['another condition', edited(swap('sum < 10', 'sum < 100')), ['widens tool pay [pay read]']],
    ['no condition', edited(swap(', when: "args.sum < 10"', '')), ['widens tool pay [pay read]']],
    [
      'what was observed is enforced',
      edited(swap(', mode: observe', '')),
      ['narrows tool *_note for client bot [read write]'],
    ],
    [
      'a live check',
      edited(swap('scopes: [pay]', 'scopes: [pay], require_active: true')),
      ['narrows tool pay [pay read]'],
    ],
    ['no baseline', edited(keep, { route: '' }), ['widens tool list []', 'widens tool search_* []']],
    [
      'an open default',
      edited(keep, { policy: 'default: allow' }),
      [
        'widens tool (anything else) [read]',
        'widens prompt (anything else) [read]',
        'widens resource (anything else) [read]',
      ],
    ],
    ['an observed policy', edited(keep, { policy: 'mode: observe' }), ['widens policy.mode []']],
    ['open methods', edited(keep, { policy: 'anonymous: [tools/list]' }), ['widens policy.anonymous []']],
    [
      'longer lists',
      edited(keep, { policy: 'listing: all' }),
      ['widens policy.listing []', 'widens policy.listing []'],
    ],
  ]
  it.each(cases)('%s', (_what, found, expected) => {
    const told = found.filter((line) => expected.length > 0 || line !== '')
    for (const line of expected) expect(told).toContain(line)
    expect(new Set(told.map((line) => line.split(' ')[0]))).toEqual(
      new Set(expected.map((line) => line.split(' ')[0])),
    )
  })

  it('a route more is wider, a route less narrower', () => {
    const two = settingsOf(
      file({
        ...BASE,
        routes: '- { name: more, path: /more, upstream: "http://127.0.0.1:1/mcp", issuers: [corp] }',
      }),
    )
    expect(diffSettings(OLD, two)).toMatchObject([{ direction: 'widens', route: 'more', about: 'route' }])
    expect(diffSettings(two, OLD)).toMatchObject([{ direction: 'narrows', route: 'more' }])
  })
})

describe('matrix', () => {
  it('one line for each way in and each denial, with the baseline', () => {
    const lines = OLD.routes
      .flatMap(matrixOf)
      .map(
        ({ target, effect, who, scopes, when, rule, observed }) =>
          `${target} ${effect} ${who} ${scopes.map((set) => set.join('+')).join('|')} ${when} ${rule}${observed ? ' observed' : ''}`,
      )
    expect(lines).toEqual([
      'list allow everybody read  reading',
      'search_* allow everybody read  reading',
      '*_note allow everybody read+write  writing',
      '*_note deny client bot   no-bots observed',
      'purge_note allow role ops or root read+write+admin  purge',
      'purge_note deny client bot   no-bots observed',
      'pay allow everybody read+pay args.sum < 10 pay',
    ])
  })

  it('an open default has its lines', () => {
    const open = settingsOf(file({ ...BASE, policy: 'default: allow' }))
    const rest = open.routes.flatMap(matrixOf).filter(({ rule }) => rule === 'default')
    expect(rest.map(({ kind, target }) => `${kind} ${target}`)).toEqual([
      'tool (anything else)',
      'prompt (anything else)',
      'resource (anything else)',
    ])
  })
})
