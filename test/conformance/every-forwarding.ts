// What goes on to the upstream and what comes back, in every revision.
import { expect, test } from 'vitest'
import { ask, type Revision, toolCallOf } from './revision.ts'
import type { Scene } from './scene.ts'

export function describeForwarding(revision: Revision, at: () => Scene): void {
  test('FWD-01 XDP-04 no credential of the client goes on', async () => {
    const headers = { cookie: 'c=1', dpop: 'x', 'proxy-authorization': 'Basic x', 'x-api-key': 'k' }
    const { seen } = await at().send(revision, { headers })
    const names = Object.keys(seen[0]?.headers ?? {})
    for (const name of ['authorization', ...Object.keys(headers)]) expect(names).not.toContain(name)
  })

  test('FWD-05 FWD-06 identity is ours, also against Connection and other spellings', async () => {
    const headers = {
      'x-mcp-subject': 'root',
      X_MCP_SUBJECT: 'root',
      connection: 'x-mcp-subject, x-drop',
      'x-drop': '1',
    }
    const { seen } = await at().send(revision, { headers })
    expect(seen[0]?.headers['x-mcp-subject']).toBe('user-1')
    expect(seen[0]?.rawHeaders.filter((name) => /^x.mcp.subject$/i.test(name))).toHaveLength(1)
    expect(seen[0]?.headers).not.toHaveProperty('x-drop')
    expect(seen[0]?.headers.host).toBe(new URL(at().gateway.upstream.url).host)
  })

  test('FWD-07 T26-14 unknown headers pass, and Mcp-Param-* where the revision has it', async () => {
    const headers = { 'mcp-param-region': 'us-west1', 'x-custom': 'v' }
    const seen = (await at().send(revision, { headers })).seen[0]?.headers
    const region = revision.version === '2026-07-28' ? 'us-west1' : undefined
    expect([seen?.['mcp-param-region'], seen?.['x-custom']]).toEqual([region, 'v'])
  })

  test('FWD-08 the bytes that were judged are the bytes that go on', async () => {
    const { body, headers } = toolCallOf(revision)
    const text = JSON.stringify(body, undefined, 1).replace('"id": 1', '"id": 9007199254740993')
    const response = await at().gateway.post(text, { ...headers, authorization: at().bearer() })
    expect(response.status).toBe(200)
    expect(at().gateway.upstream.received.at(-1)?.body.toString()).toBe(text)
  })

  test('FWD-09 a content coding is a 415', async () => {
    const { status, seen } = await at().send(revision, { headers: { 'content-encoding': 'gzip' } })
    expect([status, seen]).toEqual([415, []])
  })

  test.each([401, 403, 302, 307])(
    'FWD-10 an upstream’s %d is a 502 without its headers',
    async (upstreamStatus) => {
      at().gateway.upstream.respond = (_request, response) => {
        const headers = {
          'www-authenticate': 'Bearer resource_metadata="http://internal"',
          location: 'http://internal',
        }
        response.writeHead(upstreamStatus, { ...headers, 'set-cookie': 'a=b' }).end()
      }
      const { status, headers, code, text } = await at().send(revision)
      expect([status, code]).toEqual([502, -32603])
      expect(JSON.stringify(headers) + text).not.toContain('internal')
      expect(headers).not.toHaveProperty('set-cookie')
    },
  )

  test('FWD-12 trace context passes, in headers and in _meta', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const params = { name: 'safe', arguments: {}, _meta: { traceparent } }
    const { headers } = toolCallOf(revision)
    if (revision.version !== '2026-07-28') {
      const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params }
      const { seen } = await ask(at().gateway, { body, headers }, { authorization: at().bearer() })
      expect(JSON.parse(String(seen[0]?.body))).toEqual(body)
    }
    const { seen } = await at().send(revision, { headers: { traceparent } })
    expect(seen[0]?.headers).toMatchObject({ traceparent })
  })

  test('CAC-05 an answer is not stored, unless the upstream says otherwise', async () => {
    expect((await at().send(revision)).headers['cache-control']).toBe('no-store')
  })

  test('LEG-11 one message in, one message out', async () => {
    expect((await at().send(revision)).seen).toHaveLength(1)
  })

  test('LEG-12 ORG-01 a foreign Origin is a 403, before the token', async () => {
    const { status, headers, seen } = await at().send(revision, {
      headers: { origin: 'https://evil.example' },
    })
    expect([status, headers['www-authenticate'], seen]).toEqual([403, undefined, []])
  })
}
