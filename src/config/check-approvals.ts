// Names in `approvals` and `approvers`: issuers and tokens that are there, and people who are somebody.
import type { Finding, RouteSettings, Settings } from '../core/settings.ts'
import type { OperatorToken } from '../core/settings-admin.ts'
import type { ApproverSettings } from '../core/settings-approvals.ts'
import { isLoopback } from '../lib/loopback.ts'
import { didYouMean } from './suggest.ts'

type Path = Finding['path']

export function checkApprovals(settings: Settings): Finding[] {
  const rules = settings.routes.flatMap((route, index) => checkRules(settings, route, ['routes', index]))
  return [...rules, ...checkOwners(settings), ...checkWebhook(settings)]
}

function checkRules(settings: Settings, { policy }: RouteSettings, path: Path): Finding[] {
  return policy.rules.flatMap(({ approvers }, index) =>
    approvers === undefined
      ? []
      : checkApprovers(settings, approvers, [...path, 'policy', 'rules', index, 'approvers']),
  )
}

/** Approvers need no token of the route, so any issuer of the file will do. */
function checkApprovers({ issuers, admin }: Settings, approvers: ApproverSettings, path: Path): Finding[] {
  const { issuers: named, tokens = [], ...people } = approvers
  const unknown = [
    ...unknownIssuers(issuers, named ?? [], path),
    ...checkTokens(admin.tokens, tokens, [...path, 'tokens']),
  ]
  const meansPeople = Object.values(people).some((values) => values !== undefined)
  if (!meansPeople || named !== undefined || issuers.size < 2) return unknown
  const message = 'the same name at another issuer is somebody else; add `issuers` to these approvers'
  return [...unknown, { severity: 'error', path, message }]
}

/** What was sent travels there. */
function checkWebhook({ approvals }: Settings): Finding[] {
  if (approvals?.webhook === undefined) return []
  const { protocol, hostname } = new URL(approvals.webhook.url)
  if (protocol === 'https:' || isLoopback(hostname)) return []
  const message = 'plain http is only for this machine; use https'
  return [{ severity: 'error', path: ['approvals', 'webhook', 'url'], message }]
}

/** A token that may not approve would be named in vain. */
function checkTokens(known: readonly OperatorToken[], names: readonly string[], path: Path): Finding[] {
  return names.flatMap((name, position): Finding[] => {
    const token = known.find((each) => each.name === name)
    if (token?.may.includes('approve')) return []
    const hint = didYouMean(
      name,
      known.map((each) => each.name),
    )
    const message =
      token === undefined
        ? `admin.tokens names no "${name}"${hint}`
        : `the token "${name}" may not approve; add \`approve\` to its \`may\``
    return [{ severity: 'error', path: [...path, position], message }]
  })
}

function checkOwners({ issuers, approvals }: Settings): Finding[] {
  return [...(approvals?.clientOwners ?? [])].flatMap(([client, owner]) =>
    unknownIssuers(issuers, owner.issuers ?? [], ['approvals', 'client_owners', client]),
  )
}

function unknownIssuers(issuers: Settings['issuers'], names: readonly string[], path: Path): Finding[] {
  return names.flatMap((name, position): Finding[] => {
    if (issuers.has(name)) return []
    const message = `no issuer is named "${name}"${didYouMean(name, [...issuers.keys()])}`
    return [{ severity: 'error', path: [...path, 'issuers', position], message }]
  })
}
