// Whether a session of ours is a session of the server. A pooler that lends a connection for one transaction at a time
// (PgBouncer's `pool_mode = transaction`) looks like a server, but what is set, listened to or locked is then somebody
// else's a moment later.
import { once } from 'node:events'
import type { Client } from 'pg'
import type { PostgresAddress } from '../../../lib/postgres-url.ts'
import { PostgresFault } from './fault.ts'

const HEAR_MS = 3_000
const ROUNDS = 3

/** Throws when two sessions share a connection of the server, one moves, or a notification does not come. */
export async function refusePooler(connect: () => Promise<Client>, address: PostgresAddress): Promise<void> {
  const one = await connect()
  try {
    const other = await connect()
    try {
      if (!(await arePlain(one, other, `${address.schema}_probe`)))
        throw new PostgresFault(behindPooler(address))
    } finally {
      await other.end()
    }
  } finally {
    await one.end()
  }
}

async function arePlain(one: Client, other: Client, channel: string): Promise<boolean> {
  const first = await backendOf(one)
  for (let round = 0; round < ROUNDS; round += 1) {
    if ((await backendOf(other)) === first) return false
    if ((await backendOf(one)) !== first) return false
  }
  const heard = once(one, 'notification', { signal: AbortSignal.timeout(HEAR_MS) }).then(
    () => true,
    () => false,
  )
  await one.query(`LISTEN "${channel}"`)
  await other.query(`NOTIFY "${channel}"`)
  return heard
}

async function backendOf(client: Client): Promise<unknown> {
  return (await client.query('SELECT pg_backend_pid() AS pid')).rows[0]?.pid
}

function behindPooler({ shown }: PostgresAddress): string {
  return `${shown} is a pooler that lends connections for one transaction; name the server itself, or pool_mode = session`
}
