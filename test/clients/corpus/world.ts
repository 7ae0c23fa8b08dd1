// The gateway that every client of the corpus meets: an embedded authorization server, a route with the tool `echo` for
// the scope `use` and `secret` for `secret`, and a person, Ada. Recordings and replays use the same one.
import { type Documents, serveDocuments } from '../../as/clients/documents.ts'
import { startWhole, type Whole } from '../../as/clients/whole.ts'
import { type CorpusUpstream, startCorpusUpstream } from './upstream.ts'

export interface CorpusWorld {
  readonly whole: Whole
  readonly documents: Documents
  readonly upstream: CorpusUpstream
  close(): Promise<void>
}

const RULES = `
        - { name: using, tools: [echo], scopes: [notes:read] }
        - { name: secret, tools: [secret], scopes: [notes:write] }`

/** `publicUrl`: what clients are told to type, instead of where it listens. */
export async function startCorpusWorld(publicUrl?: string): Promise<CorpusWorld> {
  const documents = await serveDocuments()
  const upstream = await startCorpusUpstream()
  const whole = await startWhole({
    documents: documents.setting,
    upstreamUrl: upstream.url,
    rules: RULES,
    ...(publicUrl === undefined ? {} : { publicUrl }),
  })
  return {
    whole,
    documents,
    upstream,
    async close() {
      await whole.close()
      await upstream.close()
      await documents.close()
    },
  }
}
