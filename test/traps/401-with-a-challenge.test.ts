// A 400 without a challenge for a token that the server dislikes. Our own check answers 401; an upstream's 401 is a 502.
import { expect, test } from 'vitest'
import { call, open } from './trap.ts'

test('T-43: what the upstream says of the token is not handed on', async () => {
  const gateway = await open()
  gateway.upstream.respond = (_request, response) =>
    response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_target"' }).end()
  const response = await call(gateway, gateway.token())
  expect(response.status).toBe(502)
  expect(response.headers.get('www-authenticate')).toBeNull()
})
