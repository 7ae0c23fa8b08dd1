// What answers at each path of the console. Loaded with the first request to one of them.
import type { AdminPage } from '../http/admin-page.ts'
import { callEvents } from './call-events.ts'
import { callsPage } from './calls-page.ts'
import { createEventAnswers } from './event-stream.ts'
import { overviewEvents, overviewPage } from './overview-page.ts'
import { policyPage } from './policy-page.ts'
import { SCRIPT } from './script.ts'
import { settingsPage } from './settings-page.ts'
import type { ConsoleSource } from './source.ts'
import { STYLE } from './style.ts'

type Answer = AdminPage['answer']

export interface Answers {
  readonly overview: Answer
  readonly overviewEvents: Answer
  readonly calls: Answer
  readonly callEvents: Answer
  readonly policy: Answer
  readonly settings: Answer
  readonly style: Answer
  readonly script: Answer
}

export function createAnswers(source: ConsoleSource): Answers {
  const events = createEventAnswers()
  return {
    overview: overviewPage(source),
    overviewEvents: overviewEvents(source, events),
    calls: callsPage(source),
    callEvents: callEvents(source, events),
    policy: policyPage(source),
    settings: settingsPage(source),
    style: (context) => context.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }),
    script: (context) => context.body(SCRIPT, 200, { 'content-type': 'text/javascript; charset=utf-8' }),
  }
}
