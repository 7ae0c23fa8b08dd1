// The official Rust SDK in both of its lifecycles: sessions, as in 2025-11-25, and 2026-07-28.
import type { ClientProgram } from '../contract.ts'
import { buildRust, RMCP } from '../rust.ts'

export const RUST_SESSIONS: ClientProgram = {
  name: 'rust-sessions',
  language: 'Rust',
  sdk: `${RMCP}, initialize`,
  build: () => buildRust('client', 'initialize'),
  soaks: true,
}

export const RUST_DISCOVER: ClientProgram = {
  name: 'rust-discover',
  language: 'Rust',
  sdk: `${RMCP}, server/discover`,
  build: () => buildRust('client', 'discover'),
  soaks: true,
  cannot: { resume: '2026-07-28 has no resumption: a stream that breaks ends its call' },
}
