// What the file says of `authorization_server.limits` when it says nothing.
import type { AuthorizationLimits } from '../../../src/core/settings-as.ts'

export const USUAL_LIMITS: AuthorizationLimits = {
  registrations: { count: 100, seconds: 3_600 },
  authorizations: { count: 300, seconds: 900 },
  devices: { count: 100, seconds: 900 },
  documents: { count: 60, seconds: 60 },
  userCodes: { count: 5, seconds: 60 },
  failures: { count: 300, seconds: 900 },
}
