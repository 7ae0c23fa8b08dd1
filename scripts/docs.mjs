// Writes what is generated from the configuration schema: the JSON Schema for editors and the reference manual.
// A test checks that both are current.
import { writeFileSync } from 'node:fs'
import { reference } from '../src/config/reference.ts'
import { jsonSchema } from '../src/config/schema.ts'

const root = new URL('../', import.meta.url)
writeFileSync(new URL('config/gateway.schema.json', root), `${JSON.stringify(jsonSchema(), null, 2)}\n`)
writeFileSync(new URL('docs/config.md', root), reference())
