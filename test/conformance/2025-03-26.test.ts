// Revision 2025-03-26 over the socket: what all share, then its own words.
import { describeEveryRevision } from './every-revision.ts'
import { legacyRevision } from './revision.ts'
import { describeSessions } from './streamable-http.ts'

const revision = legacyRevision('2025-03-26')
describeEveryRevision(revision)
describeSessions(revision)
