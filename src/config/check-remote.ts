// What has to agree around `policy.source`. The shape is in schema-remote.ts.

import type { Finding, PolicySettings, Settings } from '../core/settings.ts'
import { isLoopback } from '../lib/loopback.ts'

type Path = Finding['path']
const error = (path: Path, message: string): Finding => ({ severity: 'error', path, message })

export function checkRemotePolicies(settings: Settings): Finding[] {
  return settings.routes.flatMap(({ policy }, index) => {
    if (policy.remote === undefined) return []
    const at = ['routes', index, 'policy']
    return [...insecure(policy.remote.url, at), ...contradictions(policy, at)]
  })
}

/** The secret and the policy travel there. */
function insecure(text: string, at: Path): Finding[] {
  const { protocol, hostname } = new URL(text)
  if (protocol === 'https:' || isLoopback(hostname)) return []
  return [error([...at, 'authsec', 'url'], 'plain http is only for this machine; use https')]
}

const NO_APPROVALS =
  'AuthSec decides about tools, and knows no approvals; take `source` away, or deny the tool here'

function contradictions({ remote, rules, ...policy }: PolicySettings, at: Path): Finding[] {
  const open =
    policy.default === 'allow'
      ? [error([...at, 'default'], 'a tool that AuthSec leaves out is denied there, so it is denied here')]
      : []
  const approvals = rules.flatMap(({ effect }, index) =>
    effect === 'approve' ? [error([...at, 'rules', index, 'effect'], NO_APPROVALS)] : [],
  )
  if (remote?.orLocal) return [...open, ...approvals]
  const message =
    'source: authsec decides about tools alone; use authsec_else_local, or keep deny rules, prompts and resources here'
  const idle = rules.flatMap(({ effect, tools }, index) =>
    effect === 'allow' && tools.length > 0 ? [error([...at, 'rules', index, 'tools'], message)] : [],
  )
  return [...open, ...approvals, ...idle]
}
