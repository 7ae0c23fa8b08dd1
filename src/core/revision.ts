// The revision of MCP without sessions, which begins what the gateway calls `modern`.

export const MODERN_VERSION = '2026-07-28'
