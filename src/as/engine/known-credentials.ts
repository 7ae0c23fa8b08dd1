// An address that failed too often where secrets can be guessed (H3) may be that of very many people. So each request
// from there is looked up first, by one digest or one secret: known tokens, codes and secrets are judged, and only a
// request that fails has to wait.

import { createHash, timingSafeEqual } from 'node:crypto'
import type Provider from 'oidc-provider'
import { PATHS } from '../../core/authorization-paths.ts'
import { type Artifacts, artifactKey } from '../store/artifacts.ts'
import type { Clients } from '../store/clients.ts'
import type { AddressLimits } from './address-limits.ts'
import { TOO_MANY_REQUESTS } from './oauth-answers.ts'
import type { CurrentRequest } from './request-context.ts'

/** What a request shows, by its grant type: the model of it, and the parameter that it stands in. */
const SHOWN: Readonly<Record<string, readonly [model: string, parameter: string]>> = {
  refresh_token: ['RefreshToken', 'refresh_token'],
  authorization_code: ['AuthorizationCode', 'code'],
  'urn:ietf:params:oauth:grant-type:device_code': ['DeviceCode', 'device_code'],
  revocation: ['RefreshToken', 'token'],
}

export interface KnownCredentialParts {
  readonly artifacts: Artifacts
  readonly clients: Clients
  readonly addressLimits: AddressLimits
}

/** Whether somebody may be judged although the address is over its limit. */
export async function isKnownCaller(
  path: string,
  form: URLSearchParams,
  authorization: string | undefined,
  parts: KnownCredentialParts,
): Promise<boolean> {
  return (await isKnownToken(path, form, parts)) || hasSecret(form, authorization, parts)
}

async function isKnownToken(
  path: string,
  form: URLSearchParams,
  { artifacts, addressLimits }: KnownCredentialParts,
): Promise<boolean> {
  const [model, parameter] =
    SHOWN[path === PATHS.revocation ? 'revocation' : (form.get('grant_type') ?? '')] ?? []
  const shown = parameter === undefined ? null : form.get(parameter)
  if (model === undefined || shown === null || !(await artifacts.has(model, shown))) return false
  return (await addressLimits.known.take(artifactKey(model, shown))) === undefined // a token that keeps failing does not pass the limit
}

async function hasSecret(
  form: URLSearchParams,
  authorization: string | undefined,
  { clients }: KnownCredentialParts,
): Promise<boolean> {
  const [id, secret] = secretIn(form, authorization)
  const kept = id === '' ? undefined : (await clients.find(id))?.metadata['client_secret']
  return typeof kept === 'string' && timingSafeEqual(digest(kept), digest(secret))
}

const digest = (text: string) => createHash('sha256').update(text).digest()

/** RFC 6749 §2.3.1; empty where there is none. */
function secretIn(form: URLSearchParams, authorization = ''): readonly [id: string, secret: string] {
  const [, basic] = /^basic ([A-Za-z0-9+/=]+)$/i.exec(authorization) ?? []
  if (basic === undefined) return [form.get('client_id') ?? '', form.get('client_secret') ?? '']
  const text = Buffer.from(basic, 'base64').toString()
  const at = text.indexOf(':')
  const pair = new URLSearchParams(`id=${text.slice(0, at)}&secret=${text.slice(at + 1)}`)
  return [pair.get('id') ?? '', pair.get('secret') ?? '']
}

/** A request from such an address that fails hears only that it has to wait. */
export function hideFailures(provider: Provider, currentRequest: CurrentRequest): void {
  provider.use(async (context, next) => {
    await next()
    const wait = currentRequest.getStore()?.waitSeconds
    if (wait === undefined || context.status < 400) return
    context.status = TOO_MANY_REQUESTS.status
    context.set('retry-after', String(wait))
    context.body = { error: TOO_MANY_REQUESTS.error, error_description: TOO_MANY_REQUESTS.description }
  })
}
