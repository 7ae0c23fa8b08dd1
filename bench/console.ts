// What a person waits for at the console of a gateway that keeps as many calls as it can: the first paint of a page in a real
// Chromium, and the row of a call that has just ended.
import { equal, ok } from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { hasChromium, withChromium } from '../test/as/support/chromium.ts'
import { freePort } from '../test/support/free-port.ts'
import { gatewayYaml } from '../test/support/gateway.ts'
import { startIssuer } from '../test/support/issuer.ts'
import { startProcess } from '../test/support/process.ts'
import { createCaller } from './caller.ts'
import { median } from './compare.ts'
import { record } from './figures.ts'
import { startMockUpstream } from './mock-upstream.ts'

/** Of the project, in milliseconds. */
const PAINT_LIMIT = 300
const SEEN_LIMIT = 1_000
const LOADS = 9
const CALLS = 20
/** 8,000 calls of callers with a token and 2,000 of others are kept; nobody fills more than a quarter of either. */
const KEPT = { callers: 20, ofEach: 400, addresses: 4, fromEach: 500 } as const
const TOOL = 'safe'
const TOKEN = 'an admin token for the bench'

process.exitCode = hasChromium ? await main() : 0

async function main(): Promise<number> {
  const [issuer, upstream] = await Promise.all([startIssuer(), startMockUpstream(0)])
  const [origin, admin] = [`http://127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
  const urls = { origin, issuerUrl: issuer.url, upstreamUrl: `http://127.0.0.1:${upstream.port}/mcp` }
  const gateway = await startProcess({
    yaml: gatewayYaml({
      ...urls,
      auditFile: '/dev/null',
      admin: `{ listen: "${admin}", token: "\${ADMIN}" }`,
    }),
    env: { ADMIN: TOKEN },
  })
  const resource = `${origin}/mcp/a`
  const tokenOf = (sub: string) => {
    const iat = Math.floor(Date.now() / 1_000)
    const claims = { iss: issuer.url, aud: resource, sub, client_id: 'bench', scope: 'a' }
    return issuer.sign({ ...claims, iat, exp: iat + 3_600 })
  }
  try {
    await fill(resource, tokenOf)
    return await measure(`http://${admin}/console`, resource, tokenOf)
  } finally {
    await gateway.kill()
    upstream.close()
    await issuer.close()
  }
}

type TokenOf = (sub: string) => string

async function fill(resource: string, tokenOf: TokenOf): Promise<void> {
  const { callers, ofEach, addresses, fromEach } = KEPT
  const send = async (token: string, count: number, statuses: readonly unknown[], address?: string) => {
    const caller = createCaller(resource, address)
    for (let nth = 0; nth < count; nth += 1) {
      const status = await caller.callTool(TOOL, token)
      ok(statuses.includes(status), `a call to be kept: ${status}`)
    }
    caller.close()
  }
  const known = Array.from({ length: callers }, (_, nth) => send(tokenOf(`caller-${nth}`), ofEach, [200]))
  const others = Array.from({ length: addresses }, (_, nth) =>
    send('none', fromEach, [401, 429], `127.0.0.${nth + 2}`),
  )
  await Promise.all([...known, ...others])
}

async function measure(consoleUrl: string, resource: string, tokenOf: TokenOf): Promise<number> {
  const took = { overview: [] as number[], calls: [] as number[], seen: [] as number[] }
  await withChromium({}, async ({ page }) => {
    await page.goto(`${consoleUrl}/sign-in`)
    await page.getByLabel('Token').fill(TOKEN)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Routes' }).waitFor()
    for (let load = 0; load < LOADS; load += 1) {
      took.overview.push(await firstPaint(page, consoleUrl))
      took.calls.push(await firstPaint(page, `${consoleUrl}/calls`))
    }
    ok(await page.getByText('of 10000 that are kept').isVisible(), 'as many calls are kept as can be')
    await page.getByText('Live.').waitFor()
    const caller = createCaller(resource)
    for (let nth = 10; nth < 10 + CALLS; nth += 1) {
      const seen = rowWith(page, `live-${nth}`)
      equal(await caller.callTool(TOOL, tokenOf(`live-${nth}`)), 200)
      const answered = Date.now()
      took.seen.push((await seen) - answered)
    }
    caller.close()
  })
  const unit = 'ms'
  const keeping = 'with 10,000 calls kept'
  return record('console', [
    {
      what: `first paint of the overview ${keeping}`,
      value: median(took.overview),
      unit,
      limit: PAINT_LIMIT,
    },
    { what: `first paint of the calls ${keeping}`, value: median(took.calls), unit, limit: PAINT_LIMIT },
    {
      what: 'from the answer of a call to its row in an open page',
      value: median(took.seen),
      unit,
      limit: SEEN_LIMIT,
    },
  ])
}

/** Milliseconds since the page was asked for. */
async function firstPaint(page: Page, url: string): Promise<number> {
  await page.goto(url)
  return page.evaluate(`new Promise((resolve) => {
    new PerformanceObserver((list) => {
      for (const { name, startTime } of list.getEntries()) if (name === 'first-contentful-paint') resolve(startTime)
    }).observe({ type: 'paint', buffered: true })
  })`)
}

/** When the table has a row with this word, in milliseconds since 1970. */
function rowWith(page: Page, word: string): Promise<number> {
  return page.evaluate(`new Promise((resolve) => {
    const rows = document.querySelector('[data-rows]')
    new MutationObserver((_, observer) => {
      if (!rows.textContent.includes('${word}')) return
      observer.disconnect()
      resolve(Date.now())
    }).observe(rows, { childList: true })
  })`)
}
