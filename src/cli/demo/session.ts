// One official SDK client as the demo uses it, whatever its generation: sign in, list, call, step up. What differs
// between the generations is in the two openers; everything else here is the same for both.
import type { DemoLogin } from './login.ts'
import type { LoadModule } from './packages.ts'
import type { Fetch, Wire } from './wire.ts'

/** What an opener makes from one SDK's client and transport. */
export interface DemoConnection {
  connect(): Promise<void>
  finishAuth(parameters: URLSearchParams): Promise<void>
  listTools(): Promise<readonly { readonly name: string }[]>
  callTool(
    name: string,
    args: Record<string, unknown>,
    onProgress: (progress: number) => void,
  ): Promise<object>
  /** The protocol revision that was agreed. */
  version(): string | undefined
  close(): Promise<void>
}

export type Opener = (
  url: string,
  login: DemoLogin,
  fetch: Fetch,
  load?: LoadModule,
) => Promise<DemoConnection>

export interface DemoSession {
  readonly login: DemoLogin
  signIn(): Promise<void>
  toolNames(): Promise<string[]>
  /** The text that the tool answered. Rejects as the SDK does. */
  call(name: string, args: Record<string, unknown>, onProgress?: (progress: number) => void): Promise<string>
  /** Finishes the login that a refused call has started. */
  stepUp(): Promise<void>
  version(): string | undefined
  close(): Promise<void>
}

export async function openDemoSession(
  open: Opener,
  url: string,
  login: DemoLogin,
  wire: Wire,
  load?: LoadModule,
): Promise<DemoSession> {
  let connection = await open(url, login, wire.fetch, load)
  const stepUp = async () => connection.finishAuth(await login.visit())
  return {
    login,
    async signIn() {
      await rejection(connection.connect())
      await stepUp()
      // A transport starts once, so the second try is a new one with the same login.
      await connection.close()
      connection = await open(url, login, wire.fetch, load)
      await connection.connect()
    },
    async toolNames() {
      const tools = await connection.listTools()
      return tools.map(({ name }) => name)
    },
    async call(name, args, onProgress = () => undefined) {
      const result = await connection.callTool(name, args, onProgress)
      return textOf(result)
    },
    stepUp,
    version: () => connection.version(),
    close: () => connection.close(),
  }
}

/** The error that a promise ends with; throws when it ends well. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  )
  if (outcome === undefined) throw new Error('it was allowed, and should have been refused')
  return outcome
}

function textOf(result: object): string {
  if (!('content' in result) || !Array.isArray(result.content)) return ''
  const texts = result.content.map((part: { text?: unknown }) =>
    typeof part.text === 'string' ? part.text : '',
  )
  return texts.join('\n')
}
