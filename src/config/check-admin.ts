// Who may use the administration port: whether its operators can be told apart, and whether people can
// sign in; and whether its peers can be asked.
import type { Finding, IssuerSettings, Settings } from '../core/settings.ts'
import type { OperatorPeople, OperatorToken, PeerSettings } from '../core/settings-admin.ts'
import { isLoopback } from '../lib/loopback.ts'
import { signInProblem } from './check-browser.ts'

type Path = Finding['path']

const error = (path: Path, message: string): Finding => ({ severity: 'error', path, message })
const warning = (path: Path, message: string): Finding => ({ severity: 'warning', path, message })

/** What the audit calls operators that stand in no list. */
const OWN_NAMES: ReadonlySet<string> = new Set(['token', 'anyone', 'terminal'])

const TOKEN_IN_CLEAR = 'the token goes there without TLS, and whoever is on the way can read it'

export function checkAdmin(settings: Settings): Finding[] {
  const { tokens, people, peers } = settings.admin
  return [
    ...checkTokens(tokens),
    ...checkPeers(peers),
    ...(people === undefined ? [] : [...checkSignIn(settings, people), ...checkRights(people, tokens)]),
  ]
}

function checkPeers(peers: readonly PeerSettings[]): Finding[] {
  return peers.flatMap(({ name, url }, index) => {
    const isTwice = peers.slice(0, index).some((each) => each.name === name)
    const { protocol, hostname } = new URL(url)
    const isClear = protocol === 'http:' && !isLoopback(hostname)
    return [
      ...(isTwice ? [error(['admin', 'peers', index, 'name'], `duplicate peer "${name}"`)] : []),
      ...(isClear ? [warning(['admin', 'peers', index, 'url'], TOKEN_IN_CLEAR)] : []),
    ]
  })
}

function checkTokens(tokens: readonly OperatorToken[]): Finding[] {
  return tokens.flatMap(({ name, sha256 }, index) => {
    const at = (key: string) => ['admin', 'tokens', index, key]
    const before = tokens.slice(0, index)
    const twin = before.find((each) => each.sha256 === sha256)
    return [
      ...(OWN_NAMES.has(name)
        ? [error(at('name'), `the audit calls somebody else "${name}"; choose another name`)]
        : []),
      ...(before.some((each) => each.name === name) ? [error(at('name'), `duplicate token "${name}"`)] : []),
      ...(twin === undefined
        ? []
        : [error(at('hash'), `this is the token "${twin.name}" too; give each a token of its own`)]),
    ]
  })
}

const SUBJECTS_ALONE = 'of people who sign in at the embedded issuer only `subjects` are known here'

function checkSignIn({ admin, issuers }: Settings, people: OperatorPeople): Finding[] {
  const at = (key: string) => ['admin', 'people', key]
  const issuer = issuers.get(people.issuer)
  if (issuer === undefined) return [error(at('issuer'), `no issuer is named "${people.issuer}"`)]
  const [key, message] = signInProblem(issuer, people) ?? []
  if (key !== undefined && message !== undefined) return [error(at(key), message)]
  const unfit = checkClaims(issuer, people)
  if (admin.publicUrl !== undefined || isLoopback(admin.listen.host)) return unfit
  const words =
    'people come from other machines, and no browser may send their session over plain http: end TLS in front, and add admin.public_url'
  return [...unfit, error(at('issuer'), words)]
}

/** Rights that somebody needs for anything to go on, and nobody has. */
function checkRights({ rules }: OperatorPeople, tokens: readonly OperatorToken[]): Finding[] {
  const at = ['admin', 'people', 'rules']
  return [
    ...(rules.some(({ may }) => may.includes('view'))
      ? []
      : [warning(at, 'no rule gives view, so nobody who signs in sees a page')]),
    ...([...rules, ...tokens].some(({ may }) => may.includes('approve'))
      ? []
      : [warning(at, 'nobody may approve: what waits for a person waits until it is over')]),
  ]
}

/** What the issuer says of nobody, so that the rule would let nobody in. */
function checkClaims({ name, claims, embedded }: IssuerSettings, { rules }: OperatorPeople): Finding[] {
  return rules.flatMap(({ who: { roles, groups } }, index) => {
    const at = (key: string) => ['admin', 'people', 'rules', index, 'who', key]
    if (embedded && groups !== undefined) return [error(at('groups'), SUBJECTS_ALONE)]
    if (embedded && roles !== undefined) return [error(at('roles'), SUBJECTS_ALONE)]
    if (roles === undefined || claims.roles.length > 0) return []
    return [error(at('roles'), `no role is ever found: issuers.${name}.claims.roles says where they are`)]
  })
}
