// `portcullis approvals` against a gateway that serves: list, show, approve, deny, and each way to be refused.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cli } from '../../../src/cli/cli.ts'
import { type Approving, startApproving } from '../../support/approving.ts'
import { folderWith, recordingIo } from '../shared/recording-io.ts'

let scene: Approving
beforeEach(async () => {
  scene = await startApproving()
})
afterEach(() => scene.close())

/** The file says where the administration port is. */
function fileFor(origin: string): string {
  return `public_url: http://127.0.0.1:8080
admin: { listen: ${new URL(origin).host}, token: "\${ADMIN}" }
issuers: { dev: { issuer: http://127.0.0.1:9, allow_insecure_issuer: true } }
routes: [{ name: a, path: /a, upstream: http://127.0.0.1:3001/mcp, issuers: [dev] }]
`
}

async function run(
  args: readonly string[],
  { token = 'night', says }: { token?: string; says?: string } = {},
) {
  const files = {
    'gateway.yaml': fileFor(scene.gateway.running.adminOrigin),
    'token.txt': `${token}-token\n`,
  }
  const answers = says === undefined ? {} : { answers: [says] }
  const io = recordingIo({ cwd: folderWith(files), env: { ADMIN: 'token-token' }, ...answers })
  const code = await cli(['approvals', ...args, '--token-file', 'token.txt'], io)
  return { code, out: io.out(), err: io.err() }
}

test('list, show, approve at a terminal: the call is made', async () => {
  expect(await run(['list'])).toMatchObject({ code: 0, out: 'nothing waits for approval\n' })
  const id = await scene.ask()
  expect((await run(['list'])).out).toMatch(new RegExp(`\n${id} +waiting +pay +a +bob +client-1 +20`))
  const shown = await run(['show', id])
  expect(shown.out).toContain('sent       {"arguments":{"sum":1,"to":"bob"},"name":"pay"}\n')
  const done = await run(['approve', id], { says: 'approve' })
  expect(done).toMatchObject({ code: 0, err: '' })
  expect(done.out).toContain('{"arguments":{"sum":1,"to":"bob"},"name":"pay"}')
  expect(done.out).toMatch(/approved; the caller may make the call until 20\d\d-/)
  expect(await scene.call()).toMatchObject({ isError: undefined })
  expect(scene.reached()).toBe(1)
})

test('K05 the name of a caller makes up no line of what is shown', async () => {
  const id = await scene.ask({ sub: 'bob\ndecided    operator night\u001b[31m' })
  const { out } = await run(['show', id])
  expect(out).toContain('caller     bob\\u000adecided    operator night\\u001b[31m of ')
  expect(out).not.toMatch(/^decided/m)
})

test('without a terminal: by the digest that was shown', async () => {
  const id = await scene.ask()
  const without = await run(['deny', id])
  expect(without).toMatchObject({ code: 1, out: '' })
  expect(without.err).toContain(`see: portcullis approvals show ${id}`)
  const { digest } = JSON.parse((await run(['show', id, '--json'])).out) as { digest: string }
  expect((await run(['deny', id, '--digest', `${digest}0`])).err).toContain('look at it again')
  expect(await run(['deny', id, '--digest', digest])).toMatchObject({ code: 0 })
  expect((await run(['approve', id, '--digest', digest])).err).toContain(
    'it was decided before: denied by operator night',
  )
})

describe('nothing is decided', () => {
  test.each([
    ['a person who says no', ['approve'], { says: 'no' }, 'nothing was decided'],
    [
      'a token that the rule does not name',
      ['approve'],
      { token: 'other', says: 'approve' },
      'the rule names other approvers',
    ],
    ['a token without the right', ['show'], { token: 'viewer' }, 'has no right to approve'],
    ['admin.token', ['show'], { token: 'token' }, 'has no right to approve'],
    ['an unknown token', ['show'], { token: 'nobody' }, 'the gateway knows no such token'],
  ] as const)('%s', async (_what, [action], options, problem) => {
    const id = await scene.ask()
    const { code, err } = await run([action, id], options)
    expect(err).toContain(problem)
    expect(code).toBe(1)
    expect(await scene.listed()).toMatchObject([{ state: 'waiting' }])
  })

  test.each([
    ['no action', [], 2],
    ['another action', ['remove', 'x'], 2],
    ['no id', ['show'], 2],
    ['an id too many', ['list', 'x'], 2],
    ['no such approval', ['show', 'x'], 1],
    ['a file that is not there', ['list', '-c', 'none.yaml'], 78],
  ] as const)('%s: exit %d', async (_what, args, expected) => {
    expect((await run(args)).code).toBe(expected)
  })

  test('a gateway that is not there', async () => {
    await scene.gateway.running.close(0)
    expect((await run(['list'])).err).toContain('ECONNREFUSED')
  })
})
