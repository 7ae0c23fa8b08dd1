// What `import … from 'portcullis'` gives: the gateway for programs. Everything else in this package is its inside, and
// may change at any time (docs/library.md).

export type { LoadedConfig } from './config/load.ts'
export { type Problem, renderProblem } from './config/problem.ts'
export type { Readiness } from './core/readiness.ts'
export type { Settings } from './core/settings.ts'
export type {
  TokenVerifier as Verifier,
  VerifiedRequest,
  VerifiedToken,
} from './core/token-verifier.ts'
export {
  type ConfigSource,
  loadProgramConfig as loadConfig,
  parseProgramConfig as parseConfig,
} from './gateway/checked-config.ts'
export { type GatewayOptions, type RunningGateway, startGateway } from './gateway/gateway.ts'
export { createHandler, type GatewayHandler, type HandlerOptions } from './gateway/handler.ts'
export type { AuditSink } from './observe/audit-sink.ts'
export type { Logger } from './observe/log.ts'
