// `npm run conformance`: the official MCP suite through the gateway, held against the same suite without it.
// The work is in conformance/; this file only makes the exit code of it.
import { main } from './conformance/main.ts'

process.exitCode = await main(process.argv.slice(2))
