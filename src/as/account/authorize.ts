// A client asks for access: the person signs in, sees who asks and what for, and answers. Runs on an interaction of
// the engine, which belongs to one browser by a cookie of the engine's own.
import type { Interaction, InteractionResults } from 'oidc-provider'
import { PATHS } from '../../core/authorization-paths.ts'
import type { AuthorizationServerSettings } from '../../core/settings-as.ts'
import type { MaybeAsync } from '../../core/turn.ts'
import { choicePage } from '../pages/choice.ts'
import { consentPage, TICKED } from '../pages/consent.ts'
import { errorPage, leavingPage } from '../pages/notices.ts'
import { seeOther } from '../pages/page.ts'
import { writePage } from '../pages/write.ts'
import type { AccessRequest, Engine, PageRequest } from '../people.ts'
import { ANOTHER_ACCOUNT_SECONDS, type AnotherAccount } from '../sign-in/another-account.ts'
import type { LoginCookie } from '../sign-in/login-cookie.ts'
import type { SignInContext, SignInForm } from '../sign-in/sign-in-form.ts'
import type { Consents } from '../store/consents.ts'
import { SIGN_IN_SECONDS } from '../store/login-sessions.ts'
import type { CsrfForms } from '../web/csrf-forms.ts'
import type { SealedCookie } from '../web/sealed-cookie.ts'
import type { ArrivedPerson } from './arrived-person.ts'
import { agreedScopes, redirectKey } from './connected-clients.ts'
import {
  choiceOf,
  choiceShown,
  consentOf,
  consentShown,
  replaceRequest,
  reportOffer,
} from './consent-request.ts'
import { describeRequest, shownClient, shownServer } from './describe-request.ts'
import type { FindAdmitted } from './find-admitted.ts'
import type { FindSignedIn } from './find-signed-in.ts'
import { answered } from './offers.ts'

const PREFIX = '/interaction/'
const STEPS = ['', 'sign-in', 'arrived', 'choose', 'consent', 'leave'] as const
type Step = (typeof STEPS)[number]

export interface AuthorizeParts {
  readonly engine: Engine
  readonly settings: AuthorizationServerSettings
  readonly findAdmitted: FindAdmitted
  readonly findSignedIn: FindSignedIn
  readonly loginCookie: LoginCookie
  readonly consents: Consents
  readonly signInForm: SignInForm
  readonly forms: CsrfForms
  readonly arrived: SealedCookie<ArrivedPerson>
  readonly anotherAccount: SealedCookie<AnotherAccount>
}

export interface Authorize {
  answers(path: string): boolean
  serve(page: PageRequest): Promise<void>
}

export function interactionPath(uid: string): string {
  return `${PREFIX}${uid}`
}

export function createAuthorize(parts: AuthorizeParts): Authorize {
  return {
    answers: (path) => readPath(path) !== undefined,
    async serve(page) {
      const asked = readPath(page.path)
      const interaction = asked && (await findInteraction(parts.engine, page, asked.uid))
      if (asked === undefined || interaction === undefined) {
        return writePage(page, errorPage(400, 'requestOver'))
      }
      await STEP[asked.step](parts, page, interaction)
    },
  }
}

function readPath(path: string): { readonly uid: string; readonly step: Step } | undefined {
  if (!path.startsWith(PREFIX)) return undefined
  const [uid = '', name = '', ...more] = path.slice(PREFIX.length).split('/')
  const step = STEPS.find((known) => known === name)
  const whole = /^[A-Za-z0-9_-]{1,64}$/.test(uid) && more.length === 0
  return whole && step !== undefined ? { uid, step } : undefined
}

/** The engine throws when its cookie is missing, foreign or over: that is an expected end, not a bug. */
async function findInteraction(
  engine: Engine,
  { request, response }: PageRequest,
  uid: string,
): Promise<Interaction | undefined> {
  try {
    const interaction = await engine.provider().interactionDetails(request, response)
    return interaction.uid === uid ? interaction : undefined
  } catch (error) {
    if (error instanceof Error && error.name === 'SessionNotFound') return undefined
    throw error
  }
}

type Serve = (parts: AuthorizeParts, page: PageRequest, interaction: Interaction) => MaybeAsync<void>

/** A24: what changes something is a POST; anything else at its path leads back to the page. */
const STEP: Readonly<Record<Step, Serve>> = {
  '': (parts, page, interaction) =>
    interaction.prompt.name === 'login'
      ? showSignIn(parts, page, interaction)
      : showConsent(parts, page, interaction),
  'sign-in': onlyPost(takeSignIn),
  arrived: takeArrival,
  choose: onlyPost(takeChoice),
  consent: onlyPost(takeConsent),
  leave: (_parts, page, { returnTo, result, uid }) =>
    writePage(page, result === undefined ? seeOther(interactionPath(uid)) : leavingPage(returnTo)),
}

function onlyPost(serve: Serve): Serve {
  return (parts, page, interaction) =>
    page.request.method === 'POST'
      ? serve(parts, page, interaction)
      : writePage(page, seeOther(interactionPath(interaction.uid)))
}

async function signInContextOf({ engine }: AuthorizeParts, interaction: Interaction): Promise<SignInContext> {
  const path = interactionPath(interaction.uid)
  const [choice] = engine.choices(interaction)
  const request = choice ?? engine.accessRequest(interaction)
  const [client, server] = await Promise.all([
    shownClient(engine, request),
    choice === undefined ? shownServer(engine, request.resource) : undefined,
  ])
  return {
    action: `${path}/sign-in`,
    back: `${path}/arrived`,
    client,
    server,
    fresh: interaction.prompt.reasons.some((reason) => reason === 'login_prompt' || reason === 'max_age'), // A53
    lifeSeconds: SIGN_IN_SECONDS,
  }
}

async function showSignIn(parts: AuthorizeParts, page: PageRequest, interaction: Interaction): Promise<void> {
  parts.signInForm.show(page, await signInContextOf(parts, interaction))
}

async function takeSignIn(parts: AuthorizeParts, page: PageRequest, interaction: Interaction): Promise<void> {
  if (interaction.prompt.name !== 'login') return writePage(page, seeOther(interactionPath(interaction.uid)))
  const ending = await parts.signInForm.submit(page, await signInContextOf(parts, interaction))
  if (ending.kind === 'refused') await finish(parts, page, interaction, DENIED)
  else if (ending.kind === 'in') await finish(parts, page, interaction, await loginOf(parts, ending.login))
}

/** Back from an outside provider: the callback has no cookie of the interaction, so it left a note in one of ours. */
async function takeArrival(
  parts: AuthorizeParts,
  page: PageRequest,
  interaction: Interaction,
): Promise<void> {
  const note = parts.arrived.read(page.request)
  const isHere = note?.back === page.path && interaction.prompt.name === 'login'
  if (note === undefined || !isHere) return writePage(page, errorPage(400, 'requestOver'))
  page.response.appendHeader('set-cookie', parts.arrived.clear())
  await finish(parts, page, interaction, await loginOf(parts, note))
}

/**
 * The login begins when the person proved who they are, and not when the browser goes on, since all their sign-ins may
 * be ended in between. Its time is in whole seconds, and a login of the second in which all were ended counts as ended;
 * so a later one is dated to the next second.
 */
async function loginOf(
  { findAdmitted }: AuthorizeParts,
  { subject: accountId, at }: { readonly subject: string; readonly at: number },
): Promise<InteractionResults> {
  const endedAt = (await findAdmitted(accountId, at))?.sessionsEndedAt
  const ts = Math.floor(at / 1_000)
  const first = endedAt === undefined ? ts : Math.floor(endedAt / 1_000) + 1
  return { login: { accountId, ts: Math.max(ts, first) } }
}

async function showConsent(
  parts: AuthorizeParts,
  page: PageRequest,
  interaction: Interaction,
): Promise<void> {
  if (parts.engine.choices(interaction).length > 0) return await showChoice(parts, page, interaction)
  const asked = await consentOf(parts, page.request, interaction, 'first')
  if (asked === undefined) return await finish(parts, page, interaction, DENIED)
  const agreed = agreedScopes(await parts.consents.list(asked.subject), asked.request)
  const path = interactionPath(interaction.uid)
  const { form, cookies } = parts.forms.target(page.request, `${path}/consent`, consentShown(asked))
  const described = await describeRequest(parts, asked, agreed)
  writePage(page, consentPage({ ...described, form, person: asked.person }), cookies)
}

async function showChoice(parts: AuthorizeParts, page: PageRequest, interaction: Interaction): Promise<void> {
  const choice = await choiceOf(parts, page.request, interaction)
  if (choice === undefined) return await finish(parts, page, interaction, DENIED)
  const action = `${interactionPath(interaction.uid)}/choose`
  const { form, cookies } = parts.forms.target(page.request, action, choiceShown(choice))
  const client = await shownClient(parts.engine, choice.requests[0] as AccessRequest)
  const servers = await Promise.all(
    choice.requests.map(({ resource }) => shownServer(parts.engine, resource)),
  )
  writePage(page, choicePage({ client, form, person: choice.person, servers }), cookies)
}

/** Chooses and grants nothing: the consent page for that server comes next. */
async function takeChoice(parts: AuthorizeParts, page: PageRequest, interaction: Interaction): Promise<void> {
  const path = interactionPath(interaction.uid)
  const choice =
    interaction.prompt.name === 'consent' ? await choiceOf(parts, page.request, interaction) : undefined
  if (choice === undefined) return writePage(page, seeOther(path))
  const fields = parts.forms.read(page.request, page.body, `${path}/choose`, choiceShown(choice))
  if (fields === undefined) return writePage(page, errorPage(403, 'foreignForm'))
  const chosen = choice.requests.find(({ resource }) => resource === fields.get('resource'))
  if (chosen !== undefined) await replaceRequest(chosen, interaction)
  writePage(page, seeOther(path))
}

async function takeConsent(
  parts: AuthorizeParts,
  page: PageRequest,
  interaction: Interaction,
): Promise<void> {
  const { engine, consents, forms } = parts
  const isAsked = interaction.prompt.name === 'consent' && engine.choices(interaction).length === 0
  const asked = isAsked ? await consentOf(parts, page.request, interaction, 'again') : undefined
  const action = `${interactionPath(interaction.uid)}/consent`
  const fields = asked && forms.read(page.request, page.body, action, consentShown(asked))
  if (asked === undefined) return writePage(page, errorPage(400, 'requestOver'))
  if (fields === undefined) return writePage(page, errorPage(403, 'foreignForm'))
  const { request, subject } = asked
  const { clientId, redirectUri, resource } = request
  const about = { actor: subject, subject, client: clientId, address: page.address }
  if (!(await engine.mayRedirect(request))) {
    engine.onEvent({
      event: 'consent_refused',
      ...about,
      detail: 'the redirect address is no longer registered',
    })
    return writePage(page, errorPage(400, 'addressGone'))
  }
  await answered(engine, interaction.uid)
  if (fields.get('answer') === 'another') return await startAgain(parts, page, interaction, subject)
  if (fields.get('answer') !== 'allow') {
    reportOffer(asked, [], about, engine.onEvent)
    engine.onEvent({ event: 'consent_refused', ...about })
    return await finish(parts, page, interaction, DENIED)
  }
  const ticked = asked.offered.filter((scope) => fields.getAll(TICKED).includes(scope))
  if (ticked.length > 0) await replaceRequest({ resource, scopes: [...asked.wanted, ...ticked] }, interaction)
  const scopes = [...request.scopes, ...ticked]
  const clientName = (await engine.clientName(clientId)) ?? ''
  // The grant records everything that was asked for, so that what the person may not have is not asked for again.
  const granted = { clientId, resource, scopes: [...asked.wanted, ...ticked], accountId: subject }
  const grantId = await engine.createGrant(granted)
  const remembered = { clientId, resource, scopes, redirectUri: redirectKey(redirectUri) }
  await consents.give(subject, { ...remembered, clientName })
  engine.onEvent({ event: 'consent', ...about, grant: grantId, detail: scopes.join(' ') })
  reportOffer(asked, ticked, { ...about, grant: grantId }, engine.onEvent)
  await finish(parts, page, interaction, { consent: { grantId } })
}

/** Starts the same request again, without the session of the person who was not meant. */
async function startAgain(
  { engine, anotherAccount, loginCookie }: AuthorizeParts,
  page: PageRequest,
  { params }: Interaction,
  subject: string,
): Promise<void> {
  const { request, response, address } = page
  const provider = engine.provider()
  const session = await provider.Session.get(provider.createContext(request, response))
  if (session.accountId !== undefined) await session.destroy()
  engine.onEvent({ event: 'signed_out', actor: subject, subject, address, detail: 'another account' })
  const asked = Object.entries(params).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  )
  const query = new URLSearchParams(asked.map(([name, value]): [string, string] => [name, value]))
  const note = anotherAccount.write({ back: undefined, said: undefined }, ANOTHER_ACCOUNT_SECONDS)
  writePage(page, seeOther(`${PATHS.authorization}?${query}`), [note, await loginCookie.end(request)])
}

const DENIED: InteractionResults = {
  error: 'access_denied',
  error_description: 'The person, or the rules for them, said no',
}

/** A06: 303 to a page of our own, which goes on from there (see pages/page.ts on `form-action`). */
async function finish(
  { engine }: AuthorizeParts,
  page: PageRequest,
  interaction: Interaction,
  result: InteractionResults,
): Promise<void> {
  // What the engine learnt of an earlier step (the sign-in) has to stand beside a consent, and alone otherwise.
  await engine
    .provider()
    .interactionResult(page.request, page.response, result, { mergeWithLastSubmission: 'consent' in result })
  writePage(page, seeOther(`${interactionPath(interaction.uid)}/leave`))
}
