// Checks of what a web page may do here: strange origins, preflights, and the metadata that browser clients read.
import { type DoctorCheck, doubtful, KEPT, keptIf, skipped, violated } from './check.ts'

const STRANGE_ORIGIN = 'https://doctor.invalid'

export const BROWSER_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'ORG-01',
    severity: 'hardening',
    rule: 'a request from a web page of a strange origin is refused',
    cure: 'compare Origin with a list, and answer 403; it stops DNS rebinding',
    judge: async ({ open, anonymous }) => {
      const answer = await open({ origin: STRANGE_ORIGIN })
      if (!answer.ok) return violated(answer.problem)
      const { status } = answer.value
      if (status === 403) return KEPT
      if (status === 401 && anonymous.status === 401) return doubtful('401: the token is asked for first')
      return violated(`status ${status}`)
    },
  },
  {
    id: 'ORG-05',
    severity: 'hardening',
    rule: 'a preflight does not open the server to every origin together with credentials',
    cure: 'name origins; never answer with Allow-Credentials for an origin that is not listed',
    judge: async ({ http, url }) => {
      const headers = {
        origin: STRANGE_ORIGIN,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      }
      const answer = await http.ask(url.href, { method: 'OPTIONS', headers })
      if (!answer.ok) return violated(answer.problem)
      const allowed = answer.value.headers.get('access-control-allow-origin')
      const withCredentials = answer.value.headers.get('access-control-allow-credentials') === 'true'
      return keptIf(!(allowed === STRANGE_ORIGIN && withCredentials), 'it does')
    },
  },
  {
    id: 'META-09',
    severity: 'shut',
    rule: 'browser clients may read the resource metadata',
    cure: 'send Access-Control-Allow-Origin: * with the metadata',
    judge: async ({ http, metadata, wellKnown }) => {
      if (!metadata.ok) return skipped('there is no metadata')
      const answer = await http.ask(wellKnown, { method: 'GET', headers: { origin: STRANGE_ORIGIN } })
      if (!answer.ok) return violated(answer.problem)
      const allowed = answer.value.headers.get('access-control-allow-origin')
      return allowed === '*' || allowed === STRANGE_ORIGIN ? KEPT : doubtful('they may not')
    },
  },
]
