// The two stacks of the official Java SDK: with sessions, as in 2025-11-25, and 2026-07-28; the first also on Spring's WebClient,
// whose transport is Spring AI's since the SDK's 1.0.
import type { ClientProgram, Step } from '../contract.ts'
import { buildJava, JAVA_SDK } from '../java.ts'

const NO_OAUTH =
  'it has hooks for 401 and 403, and no OAuth of its own: the token is whatever the program sets'
const NO_OAUTH_STEPS: Partial<Record<Step, string>> = { 'step-up': NO_OAUTH, refresh: NO_OAUTH }

export const JAVA_SESSIONS: ClientProgram = {
  name: 'java-sessions',
  language: 'Java',
  sdk: `${JAVA_SDK}, HttpClientStreamableHttpTransport`,
  build: () => buildJava('client', 'sessions'),
  cancelsByLeaving: true,
  cannot: {
    ...NO_OAUTH_STEPS,
    resume: 'it resumes its GET stream alone: a call whose stream broke waits in vain',
  },
}

export const JAVA_WEBCLIENT: ClientProgram = {
  ...JAVA_SESSIONS,
  name: 'java-webclient',
  sdk: `${JAVA_SDK}, WebClientStreamableHttpTransport of org.springframework.ai:mcp-spring-webflux 2.0.0`,
  build: () => buildJava('client', 'webclient'),
}

const NO_MODERN = 'it speaks 2026-07-28 alone, and this server does not: "Missing session ID" and its like'

export const JAVA_MODERN: ClientProgram = {
  name: 'java-modern',
  language: 'Java',
  sdk: `${JAVA_SDK}, modern.HttpClientMcpTransport`,
  build: () => buildJava('client', 'modern'),
  cannotAt: { 'python-1': NO_MODERN, 'python-1-stateless': NO_MODERN },
  cannot: {
    ...NO_OAUTH_STEPS,
    sampling: 'its 2026-07-28 client answers elicitation only',
    resume: '2026-07-28 has no resumption: a stream that breaks ends its call',
  },
}
