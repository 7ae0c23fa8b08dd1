// L41: what comes late on a kept connection to the upstream is nobody's answer, also where the ids of all callers
// coincide, since the SDKs count from 0.
import { expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { startLateUpstream } from '../support/late-upstream.ts'
import { callOf } from '../support/messages.ts'

const CALLERS = ['ada', 'bob', 'cyd', 'dan', 'eve', 'fay', 'gus', 'hal']
const CALLS = 60

/** What each call of one caller brought: the text of the answer, or its status. */
async function callInTurn(gateway: TestGateway, caller: string): Promise<readonly string[]> {
  const authorization = `Bearer ${gateway.token('a', { sub: caller })}`
  const brought: string[] = []
  for (let id = 0; id < CALLS; id += 1) {
    const { body, headers } = callOf('legacy', 'safe', id)
    const response = await gateway.post(body, { ...headers, authorization })
    const text = await response.text()
    const said = text.includes(`"id":${id},`) ? /"text":"(\w+)"/.exec(text)?.[1] : undefined
    brought.push(response.status === 200 && said !== undefined ? said : `${response.status} ${text}`)
  }
  return brought
}

test.each(['json', 'events'] as const)('L41 a late 408 after each answer in %s', async (form) => {
  const upstream = await startLateUpstream(form)
  const gateway = await startTestGateway({ upstreamUrl: upstream.url })
  const brought = await Promise.all(CALLERS.map((caller) => callInTurn(gateway, caller)))
  for (const [at, caller] of CALLERS.entries()) {
    const others = brought[at]?.filter((said) => said !== caller) ?? []
    expect(others.filter((said) => /^\w+$/.test(said))).toEqual([]) // another caller's answer
    expect(others).toEqual([]) // calls go on
  }
  await gateway.close()
  await upstream.close()
})
