// The pages of the console on the administration port: each by its path and the right that it needs. What answers is
// loaded with the first request, so that a gateway that nobody looks at starts as fast, and is as small, as without it.
import type { AdminPage } from '../http/admin-page.ts'
import type { Answers } from './answers.ts'
import type { ConsoleSource } from './source.ts'

/** By path; each needs `view`. */
const READ: Readonly<Record<string, keyof Answers>> = {
  '/console': 'overview',
  '/console/events': 'overviewEvents',
  '/console/calls': 'calls',
  '/console/calls/events': 'callEvents',
  '/console/policy': 'policy',
  '/console/settings': 'settings',
  '/console/style.css': 'style',
  '/console/script.js': 'script',
}

export function consolePages(source: ConsoleSource): readonly AdminPage[] {
  let loaded: Promise<Answers> | undefined
  const answers = () => {
    loaded ??= import('./answers.ts').then(({ createAnswers }) => createAnswers(source))
    return loaded
  }
  return Object.entries(READ).map(([path, name]) => ({
    ...{ method: 'GET', path, right: 'view' },
    answer: async (context, visit) => (await answers())[name](context, visit),
  }))
}
