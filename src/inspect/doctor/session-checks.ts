// Checks with the token that the operator gave. It goes to the one URL that was asked about, and nowhere else.
import { MODERN_VERSION } from '../../core/revision.ts'
import { connect } from '../client.ts'
import { takeInventory } from '../inventory.ts'
import { sendRpc } from '../rpc.ts'
import { type DoctorCheck, doubtful, KEPT, keptIf, skipped, violated } from './check.ts'

const NO_TOKEN = skipped('no token was given (--token -)')
const MISMATCH = -32020

export const SESSION_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'TOK-01',
    severity: 'shut',
    rule: 'a good token opens the server, and its lists can be read',
    cure: 'look at audience, issuer, expiry and scope of the token: portcullis explain',
    quick: true,
    judge: async ({ url, token, ca }) => {
      if (token === undefined) return NO_TOKEN
      const client = await connect({ url: url.href, headers: { authorization: `Bearer ${token}` }, ca })
      if (!client.ok) return violated(client.problem)
      const taken = await takeInventory(client.value)
      await client.value.close()
      if (!taken.ok) return violated(taken.problem)
      const { tools, prompts, resources } = taken.value
      const seen = `${tools.length} tools, ${prompts.length} prompts, ${resources.length} resources`
      return { state: 'kept', seen }
    },
  },
  {
    id: 'T26-11',
    severity: 'hardening',
    rule: 'a header that contradicts the body is refused with the error -32020',
    cure: 'compare Mcp-Method and Mcp-Name with the body of each 2026-07-28 request',
    judge: async ({ url, token, http }) => {
      if (token === undefined) return NO_TOKEN
      const answer = await sendRpc(http, {
        url: url.href,
        headers: {
          authorization: `Bearer ${token}`,
          'mcp-protocol-version': MODERN_VERSION,
          'mcp-method': 'tools/call',
          'mcp-name': 'doctor',
        },
        id: 1,
        method: 'tools/list',
        params: {
          _meta: {
            'io.modelcontextprotocol/protocolVersion': MODERN_VERSION,
            'io.modelcontextprotocol/clientCapabilities': {},
          },
        },
      })
      if (!answer.ok) return violated(answer.problem)
      const { http: seen, error } = answer.value
      if (error?.code === MISMATCH && seen.status === 400) return KEPT
      return seen.status >= 400 ? doubtful(`refused, with status ${seen.status}`) : violated('it is not')
    },
  },
  {
    id: 'SCP-04',
    severity: 'hardening',
    rule: 'a list for a caller is not kept for others',
    cure: 'send Cache-Control: no-store, and cacheScope "private", with filtered lists',
    judge: async ({ url, token, http }) => {
      if (token === undefined) return NO_TOKEN
      const headers = { authorization: `Bearer ${token}` }
      const answer = await sendRpc(http, { url: url.href, headers, id: 1, method: 'tools/list', params: {} })
      if (!answer.ok) return violated(answer.problem)
      const shared = /public|s-maxage/.test(answer.value.http.headers.get('cache-control') ?? '')
      return keptIf(!shared && answer.value.result?.['cacheScope'] !== 'public', 'caches may share it')
    },
  },
]
