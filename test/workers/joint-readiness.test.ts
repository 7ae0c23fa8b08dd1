// What several workers say of themselves, as one answer.
import { expect, test } from 'vitest'
import type { Readiness, WorkerStatus } from '../../src/core/readiness.ts'
import { createConfigurationState } from '../../src/gateway/configuration-state.ts'
import { jointReadiness } from '../../src/workers/joint-readiness.ts'

const status = (worker: number, state: WorkerStatus['state'] = 'serving'): WorkerStatus => ({
  ...{ worker, state, deaths: 0 },
})
const said = (ready: boolean, ageMs?: number, lastError?: string): Readiness => ({
  ready,
  configuration: { current: true },
  generation: 3,
  routes: [{ name: 'a', parts: [{ name: 'corp', ready, ageMs, lastError }] }],
  audit: { failures: 2 },
})
const joint = (...readiness: readonly (Readiness | undefined)[]) =>
  jointReadiness({
    ...{ generation: 3, isDraining: false, configuration: createConfigurationState(), auditFailures: 1 },
    places: readiness.map((each, index) => ({
      readiness: each,
      status: status(index + 1, each === undefined ? 'starting' : 'serving'),
    })),
  })

test('ready when all that serve are, and at least one serves', () => {
  expect(joint(said(true), said(true)).ready).toBe(true)
  expect(joint(said(true), undefined).ready).toBe(true)
  expect(joint(said(true), said(false)).ready).toBe(false)
  expect(joint(undefined, undefined).ready).toBe(false)
})

test('not while it drains', () => {
  const places = [{ readiness: said(true), status: status(1) }]
  const joined = jointReadiness({
    generation: 1,
    isDraining: true,
    configuration: createConfigurationState(),
    auditFailures: 0,
    places,
  })
  expect(joined).toMatchObject({ ready: false, draining: true })
})

test('of each part the worst that any says, and failures are added up', () => {
  const { routes, audit, workers } = joint(said(true, 100), said(false, 9_000, 'down'))
  expect(routes[0]?.parts).toEqual([{ name: 'corp', ready: false, ageMs: 9_000, lastError: 'down' }])
  expect(audit.failures).toBe(5)
  expect(workers?.map(({ worker, state }) => `${worker} ${state}`)).toEqual(['1 serving', '2 serving'])
})

test('what gateways share is away when it is away for one of them', () => {
  const sharing = (ready: boolean): Readiness => ({
    ...said(true),
    state: { name: 'state', ready, ageMs: undefined, lastError: undefined },
  })
  expect(joint(sharing(true), sharing(false))).toMatchObject({ ready: true, state: { ready: false } })
  expect(joint(sharing(true), sharing(true)).state?.ready).toBe(true)
  expect(joint(said(true)).state).toBe(undefined)
})

test('what serves is what the file says when no reload was refused and no worker needs a restart', () => {
  const places = (restartNeeded: readonly string[]) => {
    const configuration = { current: restartNeeded.length === 0, restart_needed: restartNeeded }
    return [{ readiness: { ...said(true), configuration }, status: status(1) }]
  }
  const state = createConfigurationState()
  const joined = (restartNeeded: readonly string[] = []) =>
    jointReadiness({
      ...{ generation: 1, isDraining: false, auditFailures: 0, configuration: state },
      places: places(restartNeeded),
    }).configuration
  expect(joined()).toEqual({ current: true })
  expect(joined(['listen'])).toEqual({ current: false, restart_needed: ['listen'] })
  state.refuse('gateway.yaml:1:1: no')
  state.refuse('gateway.yaml:2:1: neither')
  const refused = { since: expect.any(String), why: 'gateway.yaml:2:1: neither' }
  expect(joined()).toEqual({ current: false, refused })
  state.applied()
  expect(joined()).toEqual({ current: true })
})
