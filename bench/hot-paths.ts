// The functions that every request, or every list, pays for: each timed alone in this process.
import { strict as assert } from 'node:assert'
import type { Principal } from '../src/core/principal.ts'
import type { PolicySettings, RuleSettings } from '../src/core/settings.ts'
import { readMessage } from '../src/mcp/message.ts'
import { compilePolicy } from '../src/policy/compile.ts'
import { REQUEST_BODY } from './scene.ts'
import { type Timing, time } from './timing.ts'

export async function timeHotPaths(): Promise<readonly Timing[]> {
  const body = Buffer.from(REQUEST_BODY)
  const headers = { version: ['2025-11-25'], method: [], name: [] }
  const message = readMessage(body, headers)
  assert.ok(message.ok)
  const policy = compilePolicy({ policy: POLICY, baseline: ['notes:read'], scopesImply: new Map() })
  assert.equal(policy.decide(PRINCIPAL, message.value).refusal, undefined)
  return [
    await time(`scan of a body of ${body.length} bytes`, () => readMessage(body, headers)),
    await time('policy decision', () => policy.decide(PRINCIPAL, message.value)),
  ]
}

const PRINCIPAL: Principal = {
  issuer: 'https://login.example.com',
  subject: 'user-1',
  clientId: 'client-1',
  scopes: new Set(['notes:read', 'notes:write']),
  roles: [],
  expiresAt: 4_102_444_800,
  boundKey: undefined,
  claims: Object.create(null),
}

const RULE: RuleSettings = {
  name: '',
  effect: 'allow',
  tools: [],
  prompts: [],
  resources: [],
  except: [],
  scopes: 'notes:read',
  requireActive: false,
  denial: undefined,
}

const POLICY: PolicySettings = {
  default: 'deny',
  listing: 'allowed',
  denial: 'http',
  anonymous: [],
  methods: new Map(),
  rules: [
    { ...RULE, name: 'no-dropping', effect: 'deny', scopes: undefined, tools: ['drop_*'] },
    { ...RULE, name: 'folders', tools: ['list_folders', 'read_folder'] },
    { ...RULE, name: 'searching', tools: ['search_*'] },
    { ...RULE, name: 'writing', scopes: 'notes:write', tools: ['*_note'], except: ['purge_note'] },
    { ...RULE, name: 'listing', tools: ['list_notes'] },
    { ...RULE, name: 'prompts', prompts: ['*'] },
    { ...RULE, name: 'notes', resources: ['notes://**'] },
  ],
}
