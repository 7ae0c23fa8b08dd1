// oidc-provider's storage interface over the repositories. Two things differ from a plain store: consuming throws
// when somebody else was first, and ending a grant also revokes the access tokens that are out.
import Provider, { type Adapter, type AdapterPayload, errors } from 'oidc-provider'
import type { OnEvent } from '../events.ts'
import type { Artifact, Artifacts, Payload } from '../store/artifacts.ts'
import type { Clients } from '../store/clients.ts'
import type { Grants } from '../store/grants.ts'
import type { Revocations } from '../store/revocations.ts'
import type { Store } from '../store/store.ts'
import type { JwtHandles } from './jwt-handles.ts'
import { ACCESS_TOKEN } from './step-up.ts'
import { type UnitOfWork, UsedMeanwhile } from './unit-of-work.ts'

export interface AdapterParts {
  readonly artifacts: Artifacts
  readonly clients: Clients
  readonly grants: Grants
  readonly revocations: Revocations
  readonly jwtHandles: JwtHandles
  readonly unitOfWork: UnitOfWork
  readonly transaction: Store['transaction']
  readonly onEvent: OnEvent
  /** Returns the network of the present request. */
  readonly networkNow: () => string | undefined
}

/** Made for each model of oidc-provider. */
export function createAdapterFactory(parts: AdapterParts): (model: string) => Adapter {
  return (model) => {
    const plain = artifactAdapter(model, parts)
    switch (model) {
      case 'Client':
        return { ...plain, ...clientAdapter(parts) }
      case 'Grant':
        return { ...plain, ...grantAdapter(plain, parts) }
      case 'AccessToken':
      case 'ClientCredentials':
        return { ...plain, ...signedTokenAdapter(model, parts) }
      case 'RefreshToken':
        return { ...plain, ...refreshTokenAdapter(parts) }
      case 'DeviceCode':
        return { ...plain, ...deviceCodeAdapter(parts) }
      case 'ReplayDetection':
        return { ...plain, ...replayAdapter(parts) }
      default:
        return plain
    }
  }
}

/** Kept with the name of the access token that is given with it, which is known by the end of the unit. */
function refreshTokenAdapter({ unitOfWork }: AdapterParts): Partial<Adapter> {
  return {
    async upsert(id, payload, expiresIn) {
      await unitOfWork.write(async ({ artifacts }) => {
        const named = { ...payload, [ACCESS_TOKEN]: Provider.ctx?.oidc.entities.AccessToken?.jti }
        await artifacts.save('RefreshToken', id, named, expiresIn)
      })
    },
  }
}

/** How many devices may wait for their person. */
const MAX_DEVICE_CODES = 10_000

function deviceCodeAdapter({ transaction, networkNow, onEvent }: AdapterParts): Partial<Adapter> {
  return {
    async upsert(id, payload, expiresIn) {
      const hasRemoved = await transaction(async ({ artifacts, heldCodes }) => {
        const gaveWay = await heldCodes.makeRoom(MAX_DEVICE_CODES)
        await artifacts.save('DeviceCode', id, payload as Payload, longer(expiresIn))
        await heldCodes.hold(id, networkNow() ?? '')
        return gaveWay
      }, 'fleeting')
      if (hasRemoved)
        onEvent({ event: 'device_code_removed', actor: 'server', detail: 'its network holds the most' })
    },
  }
}

/** RFC 8628 §3.5: a device that comes too late is told `expired_token`, so its code is known for a while longer. */
const KNOWN_AFTER_SECONDS = 600
const longer = (seconds: number | undefined) => seconds && seconds + KNOWN_AFTER_SECONDS

function artifactAdapter(model: string, { artifacts, unitOfWork }: AdapterParts): Adapter {
  return {
    async upsert(id, payload, expiresIn) {
      await unitOfWork.write((within) => within.artifacts.save(model, id, payload as Payload, expiresIn))
    },
    find: async (id) => withId(await artifacts.find(model, id), id, unitOfWork.takesAsUnused),
    findByUid: async (uid) => withId(await artifacts.findBy('uid', model, uid)),
    findByUserCode: async (code) => withId(await artifacts.findBy('user_code', model, code)),
    async consume(id) {
      await unitOfWork.write(async (within) => {
        // A12, RFC 6749 §4.1.2: of any number at once, one
        if (!(await within.artifacts.consume(model, id))) throw new UsedMeanwhile('already used')
      })
    },
    destroy: async (id) => artifacts.destroy(model, id),
    revokeByGrantId: async (grantId) => artifacts.destroyOfGrant(model, grantId),
  }
}

function withId(found: Artifact | undefined, id?: string, unused = false): AdapterPayload | undefined {
  if (found === undefined) return undefined
  const { payload, consumedAt } = found
  const consumed = unused ? undefined : consumedAt
  return { ...payload, jti: payload['jti'] ?? id, consumed } as AdapterPayload
}

function grantAdapter(plain: Adapter, { grants, unitOfWork }: AdapterParts): Partial<Adapter> {
  return {
    async upsert(id, payload, expiresIn) {
      await plain.upsert(id, payload, expiresIn)
      if (payload.clientId !== undefined) {
        const { clientId } = payload
        await unitOfWork.write(({ clientHolders }) => clientHolders.uncount(clientId))
      }
    },
    destroy: async (id) => void (await grants.revoke(id)),
  }
}

function clientAdapter({ clients, transaction, networkNow }: AdapterParts): Partial<Adapter> {
  return {
    async find(id) {
      const record = await clients.find(id)
      if (record === undefined) return undefined
      await clients.touch(record)
      return record.metadata as unknown as AdapterPayload
    },
    async upsert(id, metadata) {
      await clients.save(id, 'registered', metadata as unknown as Payload, networkNow())
    },
    async destroy(id) {
      await transaction(async (within) => {
        await within.clients.remove(id)
        await within.revocations.add('client', id)
        await within.grants.revokeAll({ clientId: id })
      })
    },
  }
}

/** Access tokens are signed and not kept: they are known while somebody shows one, and revoked by name. */
function signedTokenAdapter(model: string, { jwtHandles, revocations }: AdapterParts): Partial<Adapter> {
  return {
    find: async (handle) => jwtHandles.find(model, handle) as AdapterPayload | undefined,
    destroy: async (jti) => revocations.add('token', jti),
  }
}

/** RFC 9449 §11.1, RFC 7523 §3: not part of a unit, since what was seen once stays seen. */
function replayAdapter({ artifacts }: AdapterParts): Partial<Adapter> {
  return {
    async upsert(id, payload, expiresIn) {
      const first = await artifacts.insert('ReplayDetection', id, payload as Payload, expiresIn ?? 0)
      if (!first) throw new errors.InvalidRequest('this proof was used before')
    },
  }
}
