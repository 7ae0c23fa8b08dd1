// `portcullis schema`: a JSON Schema on standard output and nothing else.
import { expect, test } from 'vitest'
import { run as schema } from '../../../src/cli/serve/schema.ts'
import { recordingIo } from '../shared/recording-io.ts'

test('prints the JSON Schema of the file', async () => {
  const io = recordingIo()
  expect(await schema([], io)).toBe(0)
  expect(JSON.parse(io.out())).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { public_url: {}, issuers: {}, routes: { type: 'array' } },
  })
})
