// The official Rust SDK: 2026-07-28 without sessions, the revisions before it with or without them.
import type { ServerProgram } from '../contract.ts'
import { buildRust, RMCP } from '../rust.ts'

export const RUST_SERVER: ServerProgram = {
  name: 'rust',
  language: 'Rust',
  sdk: RMCP,
  build: () => buildRust('server'),
}

export const RUST_STATELESS_SERVER: ServerProgram = {
  ...RUST_SERVER,
  name: 'rust-stateless',
  env: { STATELESS: '1' },
  cannot: { resume: 'without sessions this SDK keeps no events unless it is given a store for them' },
}
