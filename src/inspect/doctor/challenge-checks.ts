// Checks of the first answer, which a client without a token gets.
import { isLoopbackHost } from '../../lib/loopback.ts'
import { type DoctorCheck, doubtful, KEPT, keptIf, skipped, violated, wronglyAnswered } from './check.ts'
import type { ServerSnapshot } from './server-snapshot.ts'

const NO_CHALLENGE = skipped('there is no Bearer challenge')

function parameter({ challenge }: ServerSnapshot, name: string): string | undefined {
  return challenge?.parameters.get(name)
}

export const CHALLENGE_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'ORG-06',
    severity: 'hardening',
    rule: 'tokens travel over TLS, except within one machine',
    cure: 'serve the endpoint over https',
    judge: ({ url }) =>
      keptIf(url.protocol === 'https:' || isLoopbackHost(url.hostname), 'the URL is plain http'),
  },
  {
    id: 'CHL-01',
    severity: 'open',
    rule: 'a request without a token is answered with 401',
    cure: 'put an authenticating gateway in front of the server, and leave it no other way in',
    quick: true,
    judge: ({ anonymous: { status } }) => {
      if (status === 401) return KEPT
      if (status < 300) return violated(`status ${status}: anybody may use this server`)
      if (status === 404)
        return wronglyAnswered(404, 'status 404', 'look at the path of the URL: nothing is served there')
      return wronglyAnswered(status, `status ${status}: clients start a sign-in on 401 only`)
    },
  },
  {
    id: 'CHL-02',
    severity: 'shut',
    rule: 'a 401 carries WWW-Authenticate with the scheme Bearer',
    cure: 'send WWW-Authenticate: Bearer resource_metadata="…" with each 401',
    quick: true,
    judge: ({ anonymous, challenge }) =>
      anonymous.status === 401
        ? keptIf(challenge !== undefined, 'no Bearer challenge')
        : skipped('the answer is no 401'),
  },
  {
    id: 'CHL-03',
    severity: 'shut',
    rule: 'each parameter of the challenge stands there once',
    cure: 'write every parameter once',
    judge: ({ challenge }) =>
      challenge === undefined
        ? NO_CHALLENGE
        : keptIf(challenge.repeated === undefined, `${challenge.repeated} stands there twice`),
  },
  {
    id: 'PRM-04',
    severity: 'shut',
    rule: 'the challenge names the resource metadata',
    cure: 'add resource_metadata="<URL>" to the challenge',
    judge: (snapshot) => {
      if (snapshot.challenge === undefined) return NO_CHALLENGE
      return keptIf(parameter(snapshot, 'resource_metadata') !== undefined, 'no resource_metadata')
    },
  },
  {
    id: 'PRM-16',
    severity: 'shut',
    rule: 'resource_metadata is an absolute URL of the same origin',
    cure: 'serve the metadata where the server is; some clients refuse another origin',
    judge: (snapshot) => {
      const address = parameter(snapshot, 'resource_metadata')
      if (address === undefined) return NO_CHALLENGE
      if (!URL.canParse(address)) return violated('it is not an absolute URL')
      const { origin } = new URL(address)
      return origin === snapshot.url.origin ? KEPT : doubtful(`it is at ${origin}`)
    },
  },
  {
    id: 'CHL-04',
    severity: 'shut',
    rule: 'scope and error_description hold plain ASCII without quotes and backslashes',
    cure: 'leave out everything else; clients fail to read the rest of the challenge',
    judge: (snapshot) => {
      if (snapshot.challenge === undefined) return NO_CHALLENGE
      const words = ['scope', 'error', 'error_description'].map((name) => parameter(snapshot, name) ?? '')
      return keptIf(
        words.every((word) => /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/.test(word)),
        'other characters',
      )
    },
  },
  {
    id: 'CHL-05',
    severity: 'shut',
    rule: 'a challenge to a client without a token carries no error',
    cure: 'leave error out of the challenge when no token was sent',
    judge: (snapshot) => {
      if (snapshot.challenge === undefined) return NO_CHALLENGE
      const error = parameter(snapshot, 'error')
      return error === undefined ? KEPT : doubtful('it does; some clients then do not start a sign-in')
    },
  },
  {
    id: 'CHL-07',
    severity: 'shut',
    rule: 'the challenge names the scopes that are needed',
    cure: 'add scope="…" with what basic use needs',
    judge: (snapshot) => {
      if (snapshot.challenge === undefined) return NO_CHALLENGE
      return parameter(snapshot, 'scope') === undefined ? doubtful('no scope; clients guess') : KEPT
    },
  },
  {
    id: 'CHL-15',
    severity: 'hardening',
    rule: 'a 401 is not kept by caches',
    cure: 'send Cache-Control: no-store with 401 and 403',
    judge: ({ anonymous: { status, headers } }) => {
      if (status !== 401) return skipped('the answer is no 401')
      return headers.get('cache-control')?.includes('no-store')
        ? KEPT
        : doubtful('no Cache-Control: no-store')
    },
  },
]
