// Writes what is generated: from the configuration schema the JSON Schema for editors and the reference manual, from the
// corpus of client behaviour the page about clients. Tests check that they are current.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { reference } from '../src/config/reference.ts'
import { jsonSchema } from '../src/config/schema.ts'
import { clientsPage } from '../test/clients/corpus/page.ts'

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url))

writeFileSync(path('docs/config.md'), reference())
writeFileSync(path('docs/clients.md'), clientsPage())
writeFileSync(path('config/gateway.schema.json'), JSON.stringify(jsonSchema()))
execFileSync(path('node_modules/.bin/biome'), ['format', '--write', path('config/gateway.schema.json')])
