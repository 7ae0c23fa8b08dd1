// The pages of the console on the administration port: each by its path and the right that it needs. What answers is
// loaded with the first request, so that a gateway that nobody looks at starts as fast, and is as small, as without it.
import type { OperatorRight } from '../core/operator.ts'
import type { AdminPage } from '../http/admin-page.ts'
import type { ConsoleAnswers } from './answers.ts'
import type { ConsoleSource } from './source.ts'

/** By path; each needs `view`. */
const READ: Readonly<Record<string, keyof ConsoleAnswers>> = {
  '/console': 'overview',
  '/console/events': 'overviewEvents',
  '/console/calls': 'calls',
  '/console/calls/events': 'callEvents',
  '/console/calls.json': 'callsDocument',
  '/console/minutes.json': 'minutesDocument',
  '/console/policy': 'policy',
  '/console/approvals': 'approvals',
  '/console/approvals/events': 'approvalEvents',
  '/console/approvals/call': 'approval',
  '/console/manifests': 'manifests',
  '/console/people': 'people',
  '/console/people/person': 'person',
  '/console/settings': 'settings',
  '/console/style.css': 'style',
  '/console/script.js': 'script',
}

/** By path, with the right that the change needs. */
const CHANGES: Readonly<Record<string, readonly [answer: keyof ConsoleAnswers, right: OperatorRight]>> = {
  '/console/approvals/decide': ['decideApproval', 'approve'],
  '/console/manifests/approve': ['approveManifest', 'approve'],
  '/console/people/change': ['changePerson', 'operate'],
}

export function consolePages(source: ConsoleSource): readonly AdminPage[] {
  let loaded: Promise<ConsoleAnswers> | undefined
  const answers = () => {
    loaded ??= import('./answers.ts').then(({ createAnswers }) => createAnswers(source))
    return loaded
  }
  const answer =
    (name: keyof ConsoleAnswers): AdminPage['answer'] =>
    async (context, visit) => {
      const { [name]: own, failed } = await answers()
      try {
        return await own(context, visit)
      } catch (error) {
        source.log.error(
          { event: 'console_failed', path: context.req.path, error },
          'the console could not answer',
        )
        return failed(context, visit)
      }
    }
  return [
    ...Object.entries(READ).map(
      ([path, name]): AdminPage => ({ method: 'GET', path, right: 'view', answer: answer(name) }),
    ),
    ...Object.entries(CHANGES).map(
      ([path, [name, right]]): AdminPage => ({ method: 'POST', path, right, answer: answer(name) }),
    ),
  ]
}
