// What answers at each path of the console. Loaded with the first request to one of them.
import type { AdminPage } from '../http/admin-page.ts'
import { createAllActivity } from './all-activity.ts'
import { approvalPage, decideApproval } from './approval-page.ts'
import { approvalEvents, approvalsPage } from './approvals-page.ts'
import { callEvents } from './call-events.ts'
import { callsDocument, callsPage } from './calls-page.ts'
import { createEventAnswers } from './event-stream.ts'
import { failedPage } from './failed-page.ts'
import { approveManifest, manifestsPage } from './manifests-page.ts'
import { overviewEvents, overviewPage } from './overview-page.ts'
import { createPeers } from './peers.ts'
import { peoplePage } from './people-page.ts'
import { changePerson } from './person-change.ts'
import { personPage } from './person-page.ts'
import { policyPage } from './policy-page.ts'
import { SCRIPT } from './script.ts'
import { settingsPage } from './settings-page.ts'
import type { ConsoleSource } from './source.ts'
import { STYLE } from './style.ts'

type Answer = AdminPage['answer']

export interface ConsoleAnswers {
  readonly overview: Answer
  readonly overviewEvents: Answer
  readonly calls: Answer
  readonly callEvents: Answer
  /** For the consoles of other gateways. */
  readonly callsDocument: Answer
  readonly minutesDocument: Answer
  readonly policy: Answer
  readonly approvals: Answer
  readonly approvalEvents: Answer
  readonly approval: Answer
  readonly decideApproval: Answer
  readonly manifests: Answer
  readonly approveManifest: Answer
  readonly people: Answer
  readonly person: Answer
  readonly changePerson: Answer
  readonly settings: Answer
  readonly style: Answer
  /** When one of the others has failed. */
  readonly failed: Answer
  readonly script: Answer
}

export function createAnswers(source: ConsoleSource): ConsoleAnswers {
  const events = createEventAnswers()
  const peers = createPeers(() => source.settings().admin.peers)
  const activity = createAllActivity(source.activity, peers)
  return {
    overview: overviewPage({ ...source, all: activity, peers }),
    overviewEvents: overviewEvents({ ...source, all: activity, peers }, events),
    calls: callsPage(activity),
    callEvents: callEvents(activity, events),
    callsDocument: callsDocument(activity),
    minutesDocument: async (context) => context.json(await source.activity.minutes()),
    policy: policyPage(source),
    approvals: approvalsPage(source),
    approvalEvents: approvalEvents(source, events),
    approval: approvalPage(source),
    decideApproval: decideApproval(source),
    manifests: manifestsPage(source),
    approveManifest: approveManifest(source),
    people: peoplePage(source),
    person: personPage(source),
    changePerson: changePerson(source),
    settings: settingsPage(source),
    failed: failedPage,
    style: (context) => context.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }),
    script: (context) => context.body(SCRIPT, 200, { 'content-type': 'text/javascript; charset=utf-8' }),
  }
}
