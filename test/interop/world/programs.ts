// Every client and every server of the table. A new one is a new file and a line here.
import { GO_SDK_1_6, GO_SDK_1_8 } from './clients/go-sdk.ts'
import { JAVA_MODERN, JAVA_SESSIONS, JAVA_WEBCLIENT } from './clients/java.ts'
import { FASTMCP_CLIENT, PYTHON_1, PYTHON_2 } from './clients/python.ts'
import { RUST_DISCOVER, RUST_SESSIONS } from './clients/rust.ts'
import { TYPESCRIPT_1, TYPESCRIPT_2 } from './clients/typescript.ts'
import type { ClientProgram, ServerProgram } from './contract.ts'
import { GO_SERVERS } from './servers/go.ts'
import { JAVA_SERVER } from './servers/java.ts'
import {
  FASTMCP_SERVER,
  PYTHON_1_SERVER,
  PYTHON_1_STATELESS,
  PYTHON_2_SERVER,
  PYTHON_2_STATELESS,
} from './servers/python.ts'
import { RUST_SERVER, RUST_STATELESS_SERVER } from './servers/rust.ts'
import { TYPESCRIPT_SERVER } from './servers/typescript.ts'
import { MCP_PROXY, SUPERGATEWAY } from './servers/wrapped.ts'

export const CLIENTS: readonly ClientProgram[] = [
  TYPESCRIPT_1,
  TYPESCRIPT_2,
  GO_SDK_1_8,
  GO_SDK_1_6,
  RUST_SESSIONS,
  RUST_DISCOVER,
  JAVA_SESSIONS,
  JAVA_WEBCLIENT,
  JAVA_MODERN,
  PYTHON_1,
  PYTHON_2,
  FASTMCP_CLIENT,
]

export const SERVERS: readonly ServerProgram[] = [
  TYPESCRIPT_SERVER,
  ...GO_SERVERS,
  RUST_SERVER,
  RUST_STATELESS_SERVER,
  JAVA_SERVER,
  PYTHON_1_SERVER,
  PYTHON_1_STATELESS,
  PYTHON_2_SERVER,
  PYTHON_2_STATELESS,
  FASTMCP_SERVER,
  SUPERGATEWAY,
  MCP_PROXY,
]
