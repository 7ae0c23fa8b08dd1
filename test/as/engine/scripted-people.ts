// People without pages: whoever the script names is signed in, and answers as the script says.
import type { AuthorizationServerDeps } from '../../../src/as/contract.ts'
import type { AccessRequest, PageFor, PageRequest } from '../../../src/as/people.ts'

export interface Script {
  subject: string
  answer: 'approve' | 'deny'
  /** What the person may be given; undefined: anything. */
  allowed?: readonly string[]
  /** People who are gone. */
  gone?: readonly string[]
  /** Whether agreeing once is enough. */
  remembers?: boolean
  /** What was asked, as the pages would see it. */
  asked?: AccessRequest[]
}

export function scriptedPeople(script: Script): AuthorizationServerDeps['people'] {
  return async (engine) => ({
    answers: (path) => path.startsWith('/interaction/'),
    async serve({ request, response }: PageRequest) {
      const provider = engine.provider()
      const interaction = await provider.interactionDetails(request, response)
      if (interaction.prompt.name === 'login') {
        return provider.interactionFinished(request, response, { login: { accountId: script.subject } })
      }
      const access = engine.accessRequest(interaction)
      script.asked?.push(access)
      if (script.answer === 'deny') {
        return provider.interactionFinished(request, response, { error: 'access_denied' })
      }
      const grantId = await engine.createGrant({ ...access, accountId: script.subject })
      return provider.interactionFinished(request, response, { consent: { grantId } })
    },
    findAccount: async (subject) => (script.gone?.includes(subject) ? undefined : { subject }),
    isSignedIn: async () => true,
    signOut: async () => undefined,
    isStillKnown: async () => true,
    allowedScopes: async (_subject, scopes) =>
      scopes.filter((scope) => script.allowed?.includes(scope) ?? true),
    mayHold: (subject, scopes) =>
      script.gone?.includes(subject) !== true &&
      scopes.every((scope) => script.allowed?.includes(scope) ?? true),
    hasConsented: async () => script.remembers === true,
    hasMet: async () => script.remembers === true,
    interactionPath: (uid) => `/interaction/${uid}`,
    html: {
      error: ({ error, description }) => page(`error ${error} ${description}`),
      tooMany: () => (response) => ({ ...page('too many')(response), status: 429 }),
      deviceInput: (form, problem, linked) => page(`input ${problem} ${linked} ${form}`),
      deviceConfirm: (form, device) => page(`confirm ${JSON.stringify(device)} ${form}`),
      deviceDone: (name) => page(`done ${name}`),
      signOut: (form) => page(`sign out ${form}`),
      signedOut: () => page('signed out'),
    },
    probe: async () => [],
    status: () => [],
    close: async () => undefined,
  })
}

function page(body: string): PageFor {
  return () => ({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body })
}
