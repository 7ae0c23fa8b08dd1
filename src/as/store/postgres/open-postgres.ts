// The store in a PostgreSQL database, which any number of gateways share.

import { createKeyedDigest } from '../../../lib/keyed-digest.ts'
import { readPostgresUrl } from '../../../lib/postgres-url.ts'
import { createSeal } from '../../../lib/seal.ts'
import { makeSigningKey } from '../keys.ts'
import type { OpenStore, Repositories, Store, StoreOptions } from '../store.ts'
import { toPerson } from '../users.ts'
import { artifactRows } from './artifact-rows.ts'
import { clientHolderRows, clientRows } from './client-rows.ts'
import { createServerPool, type ServerPool } from './connections.ts'
import { consentRows } from './consent-rows.ts'
import { expiredRows } from './expired-rows.ts'
import { isServerFault } from './fault.ts'
import { type DataFeed, startDataFeed } from './feed.ts'
import { grantRows, revocationRows } from './grant-rows.ts'
import { heldCodeRows } from './held-code-rows.ts'
import { keepFirstKey, keyRows } from './key-rows.ts'
import { createKnownState } from './known-state.ts'
import { loginSessionRows } from './login-session-rows.ts'
import { migrate } from './migrate.ts'
import { outboxRows } from './outbox-rows.ts'
import type { StoreParts } from './parts.ts'
import { passkeyRows } from './passkey-rows.ts'
import { refusePooler } from './pooler.ts'
import { providerTokenRows } from './provider-token-rows.ts'
import { resetRows } from './reset-rows.ts'
import { createSessions, type Session, type Sessions } from './session.ts'
import { singleUseRows } from './single-use-rows.ts'
import { tallyRows } from './tally-rows.ts'
import { userRows } from './user-rows.ts'

const USUAL_CONNECTIONS = 10

/** Throws when the server cannot be used: away, a standby, behind a pooler of transactions, of another secret. */
export const openPostgres: OpenStore = async (data, options) => {
  const read = readPostgresUrl(data)
  if (!read.ok) throw new Error(`authorization_server.data: ${read.problem}`)
  const connections = createServerPool(read.address, options.connections ?? USUAL_CONNECTIONS)
  let feed: DataFeed | undefined
  try {
    await refusePooler(connections.alone, read.address)
    await migrate(connections, read.address)
    const sessions = createSessions(connections)
    const parts = partsOf(options, sessions)
    await keepFirstKey(sessions.outside, parts, await makeSigningKey())
    feed = await startDataFeed({
      ...parts,
      connect: connections.alone,
      channel: `${read.address.schema}_changes`,
    })
    return storeOver({ options, connections, sessions, parts, feed })
  } catch (error) {
    await feed?.close()
    await connections.close()
    throw error
  }
}

function partsOf({ secret, clock }: StoreOptions, { outside }: Sessions): StoreParts {
  return {
    clock,
    seal: createSeal(secret, 'payload'),
    networkDigest: createKeyedDigest(secret, 'networks'),
    tallyDigest: createKeyedDigest(secret, 'tallies'),
    state: createKnownState({
      clock,
      findPerson: async (subject) =>
        toPerson((await outside.rows('SELECT * FROM users WHERE subject = $1', [subject]))[0]),
    }),
    reached: { at: 0, id: '' },
    addedTallies: new Map(),
  }
}

interface Opened {
  readonly options: StoreOptions
  readonly connections: ServerPool
  readonly sessions: Sessions
  readonly parts: StoreParts
  readonly feed: DataFeed
}

/** A commit always waits for the disk of the server, which groups them: what is `fleeting` gains little there. */
function storeOver({ options, connections, sessions, parts, feed }: Opened): Store {
  return {
    ...repositoriesIn(sessions.outside, parts),
    clock: options.clock,
    secret: options.secret,
    live: { ...parts.state, catchUp: feed.catchUp.bind(feed) },
    transaction: (work) => sessions.transaction((session) => work(repositoriesIn(session, parts))),
    isFault: isServerFault,
    async close() {
      await feed.close()
      await connections.close()
    },
  }
}

function repositoriesIn(session: Session, parts: StoreParts): Repositories {
  return {
    artifacts: artifactRows(session, parts),
    clients: clientRows(session, parts),
    clientHolders: clientHolderRows(session, parts),
    consents: consentRows(session, parts),
    expired: expiredRows(session, parts),
    grants: grantRows(session, parts),
    heldCodes: heldCodeRows(session, parts),
    loginSessions: loginSessionRows(session, parts),
    outbox: outboxRows(session, parts),
    passkeys: passkeyRows(session, parts),
    providerTokens: providerTokenRows(session, parts),
    resets: resetRows(session, parts),
    revocations: revocationRows(session, parts),
    signingKeys: keyRows(session, parts),
    singleUses: singleUseRows(session, parts),
    tallies: tallyRows(session, parts),
    users: userRows(session, parts),
  }
}
