// An official SDK client with a person at its browser.
import { openV1 } from '../../../src/cli/demo/client-v1.ts'
import { DemoLogin, REDIRECT_URL } from '../../../src/cli/demo/login.ts'
import { type DemoSession, type Opener, openDemoSession } from '../../../src/cli/demo/session.ts'
import { createWire, type Wire } from '../../../src/cli/demo/wire.ts'
import { createAgent } from '../../as/support/agent.ts'
import { signInAt } from './person.ts'

export interface Client {
  readonly session: DemoSession
  readonly login: DemoLogin
  readonly wire: Wire
}

/** Where it wants a browser, this person signs in and agrees. */
export async function openClient(
  url: string,
  open: Opener = openV1,
  { person = 'ada', documentUrl }: { readonly person?: string; readonly documentUrl?: string } = {},
): Promise<Client> {
  const wire = createWire()
  const login = new DemoLogin({
    clientName: 'interop',
    grantTypes: ['authorization_code', 'refresh_token'],
    browse: (asked) => signInAt(createAgent(), asked.href, person, REDIRECT_URL),
    ...(documentUrl === undefined ? {} : { documentUrl }),
  })
  return { session: await openDemoSession(open, url, login, wire), login, wire }
}
