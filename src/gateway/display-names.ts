// What the embedded authorization server calls people and clients, for whoever watches a terminal. Only what is known here:
// no document of a client is fetched for it, and of an issuer elsewhere there are ids alone.
import type { AuthorizationServer } from '../as/contract.ts'
import { clientHost } from '../as/pages/shown-text.ts'
import type { DisplayNames } from '../observe/access-log.ts'

export function createDisplayNames(serving: () => AuthorizationServer | undefined): DisplayNames {
  const serverOf = (issuer: string | undefined) => {
    const server = serving()
    return issuer === undefined || issuer === server?.issuer ? server : undefined
  }
  return {
    /** A local name is chosen by the operator. One from a provider says so, or it could be taken for a local one. */
    async person(issuer, subject) {
      const person = await serverOf(issuer)?.store.users.find(subject)
      if (person?.provider === undefined) return undefined
      return `${person.name} (${person.provider})`
    },
    /** A client chose its name itself; of one with a document the host is proved (CIM-06). */
    async client(issuer, id) {
      const server = serverOf(issuer)
      if (server === undefined) return undefined
      const [host, name] = [clientHost(id), await server.engine.clientName(id)]
      return host === undefined || name === undefined ? (host ?? name) : `${name} (${host})`
    },
  }
}
