// Runs real clients against a recorder in front of a gateway, and writes what they sent into test/clients/corpus:
// `node scripts/record-clients.mjs [file...]`. See test/interop/corpus.
await import('../test/interop/corpus/record.ts')
