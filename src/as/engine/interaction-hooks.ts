// Where the protocol meets people: who an account is, what was agreed before, and which page is shown. Decides no
// consent by itself: without an answer of the pages there is a prompt.
import type { IncomingMessage } from 'node:http'
import {
  type Configuration,
  interactionPolicy,
  type KoaContextWithOIDC,
  type Account as OidcAccount,
} from 'oidc-provider'
import { CONSOLE_RESOURCE } from '../console-client.ts'
import type { Resources } from '../contract.ts'
import type { AccessRequest, PageFor, People, PeopleHtml, TokenAccount } from '../people.ts'
import type { CurrentRequest } from './request-context.ts'
import { authorizedScopes, OPENID_SCOPES, UNCHOSEN } from './resources.ts'

type Grant = InstanceType<KoaContextWithOIDC['oidc']['provider']['Grant']>

export interface InteractionParts {
  /** Made after the engine, which it needs; there before the first request. */
  readonly people: () => People
  readonly resources: Resources
  readonly currentRequest: CurrentRequest
  /** Requests that showed a user code nobody has. */
  readonly wrongUserCodes: WeakSet<IncomingMessage>
}

export function interactionHooks(parts: InteractionParts): Configuration {
  const { people } = parts
  return {
    findAccount: async (_context, subject) => toOidcAccount(await people().findAccount(subject)),
    interactions: {
      policy: prompts(people),
      url: async (_context, { uid }) => people().interactionPath(uid),
    },
    loadExistingGrant: async (context) => agreedGrant(context, parts),
    async renderError(context, out) {
      show(context, people().html.error({ error: out.error, description: out.error_description }))
    },
  } as Configuration
}

/**
 * The usual prompts; a session of somebody who may no longer sign in is no session, nor one that was ended, or of a browser
 * that was signed out.
 */
function prompts(people: () => People): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base()
  const isGone = ({ oidc }: KoaContextWithOIDC) =>
    oidc.session?.accountId !== undefined && oidc.account === undefined
  const isSignedOut = async ({ oidc: { session, account }, req }: KoaContextWithOIDC) =>
    session?.accountId !== undefined &&
    account !== undefined &&
    !(await people().isSignedIn(req, account.accountId))
  const checks = policy.get('login')?.checks
  checks?.add(new interactionPolicy.Check('no_account', 'sign in again', isGone))
  checks?.add(new interactionPolicy.Check('sessions_ended', 'sign in again', isEnded))
  checks?.add(new interactionPolicy.Check('signed_out', 'sign in again', isSignedOut))
  const isUnchosen = ({ oidc }: KoaContextWithOIDC) => oidc.params?.['resource'] === UNCHOSEN
  const consent = policy.get('consent')?.checks
  consent?.add(new interactionPolicy.Check('resource_unchosen', 'choose a server', isUnchosen))
  return policy
}

export function pageFeatures({
  people,
  currentRequest,
  wrongUserCodes,
}: InteractionParts): NonNullable<Configuration['features']> {
  return {
    deviceFlow: {
      enabled: true,
      charset: 'base-20',
      mask: '****-****', // A42: 34 bits
      deviceInfo: (context) => ({ address: context.ip }),
      async userCodeInputSource(context, form, _out, error) {
        const wrong = error !== undefined && 'userCode' in error && error.userCode !== undefined
        if (wrong) wrongUserCodes.add(context.req)
        if (error !== undefined && !isKept(context)) return showOver(context, people().html)
        const problem = error === undefined ? undefined : wrong ? 'wrong' : problemOf(error)
        show(context, people().html.deviceInput(form, problem, currentRequest.getStore()?.userCode ?? ''))
      },
      async userCodeConfirmSource(context, form, client, device, userCode) {
        const asked = context.oidc.entities.DeviceCode?.params?.['scope']
        show(
          context,
          people().html.deviceConfirm(form, {
            clientId: client.clientId,
            clientName: client.clientName,
            userCode,
            address: typeof device['address'] === 'string' ? device['address'] : undefined,
            scopes: typeof asked === 'string' ? asked.split(' ') : [],
          }),
        )
      },
      async successSource(context) {
        show(context, people().html.deviceDone(context.oidc.client?.clientName))
      },
    },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: async (context, form) => show(context, people().html.signOut(form)),
      postLogoutSuccessSource: async (context) => show(context, people().html.signedOut()),
    },
  } as NonNullable<Configuration['features']>
}

function problemOf(error: Error): 'aborted' | 'failed' {
  return error.name === 'AbortedError' ? 'aborted' : 'failed'
}

/** What oidc-provider has in a session beside what its types say. */
interface SessionState {
  readonly exp?: number
  touched: boolean
}

/** Whether the session was stored before. On an error oidc-provider stores none, and fails where it would need one. */
function isKept({ oidc }: KoaContextWithOIDC): boolean {
  return (oidc.session as SessionState | undefined)?.exp !== undefined
}

/** Without a session no form can be sent again, so sending a form makes no session. */
function showOver(context: KoaContextWithOIDC, html: PeopleHtml): void {
  const session = context.oidc.session as SessionState | undefined
  if (session !== undefined) session.touched = false
  show(context, html.error({ error: 'session_not_found', description: undefined }))
}

function show(context: KoaContextWithOIDC, page: PageFor): void {
  const { headers, body } = page(context.res)
  context.set({ ...headers })
  context.body = body
}

/** What the checks have to know of somebody, beside what oidc-provider asks for. */
interface KnownAccount extends OidcAccount {
  /** Epoch seconds, as times of sessions are. */
  readonly sessionsEndedAt: number
}

function toOidcAccount(account: TokenAccount | undefined): KnownAccount | undefined {
  if (account === undefined) return undefined
  const { subject, sessionsEndedAt = 0 } = account
  const claims = async () => ({ sub: subject })
  return { accountId: subject, claims, sessionsEndedAt: Math.floor(sessionsEndedAt / 1_000) }
}

/**
 * Whether every sign-in of the person was ended after this session's person had proved who they are, also while that
 * sign-in was under way. Times are in whole seconds; a session of the same second counts as ended, since it may rest on
 * an old password.
 */
function isEnded({ oidc: { session, account } }: KoaContextWithOIDC): boolean {
  if (account === undefined || session?.loginTs === undefined) return false
  return session.loginTs <= (account as KnownAccount).sessionsEndedAt
}

/**
 * One grant for each authorization (A33): the one that was just agreed to, or a fresh one when the same was agreed to
 * before. Undefined leads to the consent page.
 */
async function agreedGrant(context: KoaContextWithOIDC, parts: InteractionParts): Promise<Grant | undefined> {
  const { oidc } = context
  const agreed = oidc.result?.['consent'] as { readonly grantId?: string } | undefined
  if (agreed?.grantId !== undefined) return oidc.provider.Grant.find(agreed.grantId)
  const subject = oidc.account?.accountId
  if (subject === undefined || oidc.promptPending('consent')) return undefined
  const request = accessRequestOf(oidc.params ?? {}, parts)
  if (request === undefined || !(await isAgreed(subject, request, parts))) return undefined
  const wanted = request.scopes.filter((scope) => !OPENID_SCOPES.includes(scope))
  const allowed = await parts.people().allowedScopes(subject, wanted)
  if (wanted.length > 0 && allowed.length === 0) return undefined // the consent page refuses it
  return oidc.provider.Grant.find(await createGrant({ ...request, accountId: subject }, parts, oidc.provider))
}

/** The console of the gateway learns who signed in, and may do nothing for them. */
async function isAgreed(
  subject: string,
  request: AccessRequest,
  { people }: InteractionParts,
): Promise<boolean> {
  return request.resource === CONSOLE_RESOURCE || (await people().hasConsented(subject, request))
}

export function accessRequestOf(
  params: Readonly<Record<string, unknown>>,
  { resources }: Pick<InteractionParts, 'resources'>,
): AccessRequest | undefined {
  const { client_id: clientId, redirect_uri: redirectUri, resource, scope } = params
  const route = typeof resource === 'string' ? resources.find(resource) : resources.only
  if (typeof clientId !== 'string' || route === undefined) return undefined
  return {
    clientId,
    redirectUri: typeof redirectUri === 'string' ? redirectUri : undefined,
    resource: route.resource,
    scopes: authorizedScopes(route, typeof scope === 'string' ? scope : undefined, resources),
  }
}

/** What the request may be for, where its person has to choose; empty where they have not. */
export function choicesOf(
  params: Readonly<Record<string, unknown>>,
  parts: Pick<InteractionParts, 'resources'>,
): readonly AccessRequest[] {
  const { resource, scope } = params
  if (resource !== UNCHOSEN) return []
  const asked = typeof scope === 'string' ? scope : undefined
  const meant = parts.resources.meantBy(asked)
  return meant.flatMap((route) => accessRequestOf({ ...params, resource: route.resource }, parts) ?? [])
}

/** Gives no more than the person may be given (`grants:`), whatever was approved. */
export async function createGrant(
  approval: Omit<AccessRequest, 'redirectUri'> & { readonly accountId: string },
  { people, resources }: Pick<InteractionParts, 'people' | 'resources'>,
  provider: KoaContextWithOIDC['oidc']['provider'],
): Promise<string> {
  const { accountId, clientId, resource, scopes } = approval
  const asked = resources.scopesFor(resources.find(resource), scopes.join(' '))
  const openid = asked.filter((scope) => OPENID_SCOPES.includes(scope))
  const allowed = await people().allowedScopes(
    accountId,
    asked.filter((scope) => !openid.includes(scope)),
  )
  const grant = new provider.Grant({ accountId, clientId })
  grant.addResourceScope(resource, allowed.join(' '))
  if (openid.length > 0) grant.addOIDCScope(openid.join(' '))
  // What the person may not have was answered too: asking again would not help.
  const refused = asked.filter((scope) => !openid.includes(scope) && !allowed.includes(scope))
  if (refused.length > 0) grant.rejectResourceScope(resource, refused.join(' '))
  return grant.save()
}
