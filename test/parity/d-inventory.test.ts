// Of inventory and review, the rows that are about the configuration and its effect (D4, D6, D9, D10). The rows about an
// upstream's tools are tested where inventory and manifest are.
import { describe, expect, test } from 'vitest'
import { run as diff } from '../../src/cli/policy/diff.ts'
import { run as matrix } from '../../src/cli/policy/matrix.ts'
import { gatewayYaml } from '../cli/shared/gateway-yaml.ts'
import { folderWith, recordingIo } from '../cli/shared/recording-io.ts'
import { toolCall } from '../support/gateway.ts'
import { metricsOf } from '../support/scrape.ts'
import { open } from '../traps/trap.ts'

test('D4 an edit of the policy: each call says under which reading it was judged, and reloads are counted', async () => {
  const gateway = await open()
  await gateway.post(toolCall('safe'))
  await gateway.reload({ policy: '\n      rules:\n        - { name: closed, effect: deny, tools: ["*"] }' })
  await gateway.post(toolCall('safe'))
  const lines = gateway.audit().filter(({ decision }) => decision !== undefined)
  expect(lines[0]).toMatchObject({ generation: 1, rule: 'safe' })
  expect(lines.at(-1)).toMatchObject({ generation: 2, rule: 'closed' })
  const metrics = await metricsOf(gateway)
  expect(metrics).toContain('portcullis_config_reloads_total{result="applied"} 1')
  expect(gateway.log.join('')).toContain('"event":"reloaded"')
})

describe('D6: an edit that weakens', () => {
  const OLD = gatewayYaml(['{ name: pay, tools: [pay], scopes: [pay] }'])
  const edits: readonly (readonly [string, string, number])[] = [
    ['no scopes any more', gatewayYaml(['{ name: pay, tools: [pay] }']), 1],
    ['another tool', gatewayYaml(['{ name: pay, tools: [pay, refund], scopes: [pay] }']), 1],
    ['nothing', OLD, 0],
    ['one tool less', gatewayYaml(), 0],
  ]
  test.each(edits)('D6 %s', async (_name, edited, code) => {
    const io = recordingIo({ cwd: folderWith({ 'old.yaml': OLD, 'new.yaml': edited }) })
    expect(await diff(['old.yaml', 'new.yaml'], io)).toBe(code)
  })
})

test('D9 who may do what, as a table for a review', async () => {
  const io = recordingIo({ cwd: folderWith({ 'gateway.yaml': gatewayYaml() }) })
  expect(await matrix(['--csv'], io)).toBe(0)
  expect(io.out()).toContain('notes,tool,*_note,everybody,notes:read + notes:write,,writing')
})

test('D10 readiness tells the state of each part of each route', async () => {
  const gateway = await open()
  const ready = await fetch(`${gateway.running.adminOrigin}/readyz`)
  const state = (await ready.json()) as {
    routes: { name: string; parts: { name: string; ready: boolean }[] }[]
  }
  expect(state.routes.map(({ name }) => name)).toEqual(['a'])
  expect(state.routes[0]?.parts.map(({ name }) => name)).toEqual(['as1', 'a upstream'])
  for (const part of state.routes[0]?.parts ?? []) expect(typeof part.ready).toBe('boolean')
})
