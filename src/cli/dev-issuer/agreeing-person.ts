// The person of the development issuer: signed in at once, agrees to everything. DEV ONLY: nothing but this folder makes
// one, and it agrees only where the code goes to this machine.
import type { AuthorizationServerDeps } from '../../as/contract.ts'
import { enginePages } from '../../as/pages/engine-pages.ts'
import { errorPage } from '../../as/pages/notices.ts'
import { writePage } from '../../as/pages/write.ts'
import type { AccessRequest, Engine, PageRequest } from '../../as/people.ts'
import { isLoopbackHost } from '../../lib/loopback.ts'

const PREFIX = '/interaction/'

export function agreeingPerson(subject: string): AuthorizationServerDeps['people'] {
  return async (engine) => ({
    answers: (path) => path.startsWith(PREFIX),
    serve: (page) => answerFor(subject, page, engine),
    findAccount: async (known) => (known === subject ? { subject } : undefined),
    isSignedIn: async () => true,
    signOut: async () => undefined,
    isStillKnown: async () => true,
    allowedScopes: async (_subject, scopes) => scopes,
    mayHold: () => true,
    hasConsented: async (_subject, request) => agreesTo(request),
    hasMet: async () => false,
    interactionPath: (uid) => PREFIX + uid,
    html: enginePages(engine.branding, (scope) => () => scope),
    probe: async () => [],
    status: () => [],
    close: async () => undefined,
  })
}

async function answerFor(
  accountId: string,
  page: PageRequest,
  { provider, accessRequest, createGrant }: Engine,
): Promise<void> {
  const { request, response } = page
  const finish = (result: Parameters<ReturnType<typeof provider>['interactionFinished']>[2]) =>
    provider().interactionFinished(request, response, result)
  const interaction = await provider()
    .interactionDetails(request, response)
    .catch((error: Error) => {
      if (error.name === 'SessionNotFound') return undefined
      throw error
    })
  if (interaction === undefined) return writePage(page, errorPage(400, 'requestOver'))
  if (interaction.prompt.name === 'login') return finish({ login: { accountId } })
  const access = accessRequest(interaction)
  if (!agreesTo(access)) return finish({ error: 'access_denied' })
  return finish({ consent: { grantId: await createGrant({ ...access, accountId }) } })
}

/** A device shows a code of its own, and has no redirect address. */
function agreesTo({ redirectUri }: AccessRequest): boolean {
  return redirectUri === undefined || isLoopbackRedirect(redirectUri)
}

/** A03, RFC 8252 §7.3: nothing but http on this machine, so a code that nobody was asked about cannot leave it. */
export function isLoopbackRedirect(uri: string): boolean {
  const url = URL.parse(uri)
  return url?.protocol === 'http:' && isLoopbackHost(url.hostname)
}
