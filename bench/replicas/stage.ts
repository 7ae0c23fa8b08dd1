// Everything that stands while a check runs: MCP servers of the SDKs, an issuer, Redis, PostgreSQL, replicas with two
// workers each, and the balancer. All of it in one folder, and ended by `close`.
import { mkdirSync, rmSync } from 'node:fs'
import { freePort } from '../../test/support/free-port.ts'
import { startIssuer, type TestIssuer } from '../../test/support/issuer.ts'
import { startPostgres, type TestPostgres } from '../../test/support/postgres.ts'
import { startRedis, type TestRedis } from '../../test/support/redis.ts'
import { startBalancer } from './balancer.ts'
import { SCOPE } from './gateway-file.ts'
import { createReplica, type Replica, wholeAgain } from './replica.ts'
import { UPSTREAMS, type Upstream, type UpstreamName } from './upstreams.ts'

const TOKEN_SECONDS = 7_200

export interface StageNeeds {
  /** Made anew. */
  readonly folder: string
  readonly replicas: number
  readonly upstreams: readonly UpstreamName[]
  readonly accessTokenTtl: string
}

export interface Stage {
  readonly folder: string
  /** Of the balancer, and of every URL. */
  readonly port: number
  readonly origin: string
  readonly replicas: readonly Replica[]
  readonly redis: TestRedis
  readonly postgres: TestPostgres
  readonly issuer: TestIssuer
  /** The resource of a route: the name of an upstream, or `limited`. */
  url(route: string): string
  /** An access token of the issuer outside. */
  token(route: string, subject: string, claims?: object): string
  close(): Promise<void>
}

export async function openStage(needs: StageNeeds): Promise<Stage> {
  const { folder, replicas: howMany, accessTokenTtl } = needs
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const closing: (() => unknown)[] = []
  const close = async () => {
    for (const step of closing.toReversed()) await step()
  }
  try {
    const open = await openParts(needs, closing)
    const publicPort = await freePort()
    const replicas: Replica[] = []
    for (let number = 1; number <= howMany; number += 1) {
      const settings = {
        ...{ publicPort, port: await freePort(), adminPort: await freePort(), accessTokenTtl },
        ...{ redis: open.redis.url, postgres: open.postgres.url(), issuer: open.issuer.url },
        upstreams: open.upstreams,
      }
      replicas.push(createReplica(folder, number, settings))
    }
    closing.push(() => Promise.all(replicas.map((replica) => replica.kill())))
    const started = await Promise.allSettled(replicas.map((replica) => replica.start()))
    for (const each of started) if (each.status === 'rejected') throw each.reason
    const balancer = await startBalancer(
      folder,
      publicPort,
      replicas.map(({ port }) => port),
    )
    closing.push(() => balancer.stop())
    await wholeAgain(replicas)
    const origin = `http://127.0.0.1:${publicPort}`
    const url = (route: string) => `${origin}/${route}/mcp`
    const { redis, postgres, issuer } = open
    return {
      ...{ folder, port: publicPort, origin, replicas, redis, postgres, issuer, url, close },
      token: (route, subject, claims = {}) => tokenOf(issuer, url(route), subject, claims),
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function openParts({ folder, upstreams: names }: StageNeeds, closing: (() => unknown)[]) {
  const upstreams: [string, Upstream][] = []
  for (const name of names) {
    const upstream = await UPSTREAMS[name](folder)
    closing.push(() => upstream.stop())
    upstreams.push([name, upstream])
  }
  const issuer = await startIssuer()
  closing.push(() => issuer.close())
  const redis = await startRedis()
  closing.push(() => redis.close())
  const postgres = await startPostgres()
  closing.push(() => postgres.stop())
  return { issuer, redis, postgres, upstreams }
}

function tokenOf(issuer: TestIssuer, aud: string, sub: string, claims: object): string {
  const now = Math.floor(Date.now() / 1_000)
  const usual = { iss: issuer.url, aud, sub, client_id: `program of ${sub}`, scope: SCOPE }
  return issuer.sign({ ...usual, iat: now, exp: now + TOKEN_SECONDS, ...claims })
}
