// "Deploy the new secret atomically": there is no overlap at the issuer. Two secrets are known, and tried in turn.
import { expect, test } from 'vitest'
import { call, open } from './trap.ts'

test('T-11: a secret that changes under load costs no request', async () => {
  const gateway = await open({
    issuer: `    validation: introspection
    introspection: { client_id: portcullis, client_secret: old, client_secret_next: new, cache: { ttl: 1s } }`,
  })
  let valid = 'old'
  const refused = { status: 401 }
  gateway.issuer.introspect = () => ({
    ...{
      active: true,
      aud: gateway.resource,
      sub: 'user-1',
      scope: 'a',
      exp: Math.floor(Date.now() / 1000) + 600,
    },
  })
  gateway.issuer.faults.introspection = () => {
    const shown = gateway.issuer.asked.at(-1)?.headers.authorization
    return shown === `Basic ${Buffer.from(`portcullis:${valid}`).toString('base64')}` ? undefined : refused
  }
  for (let i = 0; i < 10; i++) {
    if (i === 5) valid = 'new'
    expect((await call(gateway, `opaque-${i}`)).status).toBe(200)
  }
})
