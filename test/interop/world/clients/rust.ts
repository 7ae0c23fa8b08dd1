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

const NO_DISCOVER = 'it speaks 2026-07-28 alone, and this server does not: "Missing session ID" and its like'

export const RUST_DISCOVER: ClientProgram = {
  name: 'rust-discover',
  language: 'Rust',
  sdk: `${RMCP}, server/discover`,
  build: () => buildRust('client', 'discover'),
  soaks: true,
  cannotAt: {
    'go-sdk': NO_DISCOVER,
    'java-sessions': NO_DISCOVER,
    'python-1': NO_DISCOVER,
    'python-1-stateless': NO_DISCOVER,
    supergateway: NO_DISCOVER,
  },
  cannot: { resume: '2026-07-28 has no resumption: a stream that breaks ends its call' },
}
