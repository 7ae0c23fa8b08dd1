// Every client and every server of the table. A new one is a new file and a line here.
import { TYPESCRIPT_1, TYPESCRIPT_2 } from './clients/typescript.ts'
import type { ClientProgram, ServerProgram } from './contract.ts'
import { TYPESCRIPT_SERVER } from './servers/typescript.ts'

export const CLIENTS: readonly ClientProgram[] = [TYPESCRIPT_1, TYPESCRIPT_2]

export const SERVERS: readonly ServerProgram[] = [TYPESCRIPT_SERVER]
