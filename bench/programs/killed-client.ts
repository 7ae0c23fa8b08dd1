// A client in a process of its own, to be killed: its program has a child, its GET stream is open, and a call is under way.
// Arguments: the resource and a token. Prints the ids of both processes.
import { beginSession, toolMessage } from '../../test/support/program/client.ts'

const [, , resource = '', token = ''] = process.argv

const session = await beginSession({
  resource,
  token: () => token,
  post: (body, headers = {}) =>
    fetch(resource, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
})
const pids = [Number(await session.call('pid')), Number(await session.call('child'))]
await session.listen()
await session.post(toolMessage('mixed', { ms: 1_000, value: 'v' }))
process.stdout.write(`${JSON.stringify(pids)}\n`)
