// Keycloak's admin API, as far as the realm of the tests needs it.
import { ADMIN } from './server.ts'

/** A token lives 60 s. */
const TOKEN_MS = 30_000

export interface Admin {
  get<T>(path: string): Promise<T>
  put(path: string, value: unknown): Promise<void>
  /** The id of what was made, from Location. */
  post(path: string, value: unknown): Promise<string>
  delete(path: string): Promise<void>
}

/** `path` begins behind `/admin/realms`. */
export function createAdmin(origin: string): Admin {
  let token = ''
  let until = 0
  const send = async (method: string, path: string, value?: unknown) => {
    if (Date.now() > until) {
      token = await signIn(origin)
      until = Date.now() + TOKEN_MS
    }
    const answer = await fetch(`${origin}/admin/realms${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(value === undefined ? {} : { body: JSON.stringify(value) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer
  }
  return {
    get: async (path) => JSON.parse(await (await send('GET', path)).text()),
    put: async (path, value) => void (await send('PUT', path, value)),
    post: async (path, value) =>
      (await send('POST', path, value)).headers.get('location')?.split('/').at(-1) ?? '',
    delete: async (path) => void (await send('DELETE', path)),
  }
}

async function signIn(origin: string): Promise<string> {
  const answer = await fetch(`${origin}/realms/master/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', ...ADMIN }),
  })
  const body = (await answer.json()) as { readonly access_token?: string }
  if (body.access_token === undefined) throw new Error(`no admin token: ${answer.status}`)
  return body.access_token
}
