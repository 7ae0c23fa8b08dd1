// What a bare GET tells an upstream, for tests of what happens to it.
import { createHeaderWriter } from '../../src/upstream/identity-headers.ts'

export const writeHeaders = createHeaderWriter({
  identityPrefix: 'x-mcp-',
  authority: 'a',
  ...{ staticHeaders: {}, assertions: [] },
  forwardToken: false,
})

export const GET_REQUEST = {
  method: 'GET',
  target: '/mcp',
  era: 'legacy' as const,
  headers: {
    fields: [],
    principal: undefined,
    requestId: 'id-1',
    sessionId: undefined,
    lastEventId: undefined,
    mirrored: { method: false, name: false, arguments: false },
    ...{ calls: [], body: undefined },
  },
  body: undefined,
}
