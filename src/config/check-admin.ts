// Who may use the administration port: whether names and hashes tell its operators apart.
import type { Finding, Settings } from '../core/settings.ts'

/** What the audit calls operators that stand in no list. */
const OWN_NAMES: ReadonlySet<string> = new Set(['token', 'anyone', 'terminal'])

export function checkAdmin({ admin: { tokens } }: Settings): Finding[] {
  const error = (index: number, key: string, message: string): Finding => ({
    severity: 'error',
    path: ['admin', 'tokens', index, key],
    message,
  })
  return tokens.flatMap(({ name, sha256 }, index) => {
    const before = tokens.slice(0, index)
    const twin = before.find((each) => each.sha256 === sha256)
    return [
      ...(OWN_NAMES.has(name)
        ? [error(index, 'name', `the audit calls somebody else "${name}"; choose another name`)]
        : []),
      ...(before.some((each) => each.name === name)
        ? [error(index, 'name', `duplicate token "${name}"`)]
        : []),
      ...(twin === undefined
        ? []
        : [error(index, 'hash', `this is the token "${twin.name}" too; give each a token of its own`)]),
    ]
  })
}
