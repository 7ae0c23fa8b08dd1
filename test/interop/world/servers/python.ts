// Servers on the Python SDKs, with sessions and without.
import type { ServerProgram } from '../contract.ts'
import { buildPython } from '../python.ts'

const STATELESS = { STATELESS: '1' }
const ONE_WAY = 'without sessions a server of the handshake revisions has no way to ask its client'
const NO_STORE = 'without sessions there is no stream to come back to'

/**
 * What a tool sends between the replay of a stream and its going on live, this SDK gives to nobody (its source names the
 * window): of 120 resumed calls with 24 at once on two cores, 3 got no answer, which the server had stored in that moment.
 */
export const PYTHON_1_SERVER: ServerProgram = {
  name: 'python-1',
  language: 'Python',
  sdk: 'mcp 1.30.0',
  build: () => buildPython('mcp1', 'servers/python/mcp1.py'),
}

export const PYTHON_1_STATELESS: ServerProgram = {
  ...PYTHON_1_SERVER,
  name: 'python-1-stateless',
  env: STATELESS,
  cannot: { elicitation: ONE_WAY, sampling: ONE_WAY, resume: NO_STORE },
}

export const PYTHON_2_SERVER: ServerProgram = {
  name: 'python-2',
  language: 'Python',
  sdk: 'mcp 2.3.0',
  build: () => buildPython('mcp2', 'servers/python/mcp2.py'),
}

export const PYTHON_2_STATELESS: ServerProgram = {
  ...PYTHON_2_SERVER,
  name: 'python-2-stateless',
  env: STATELESS,
  cannot: { resume: NO_STORE },
}

export const FASTMCP_SERVER: ServerProgram = {
  name: 'fastmcp',
  language: 'Python',
  sdk: 'fastmcp 4.2.3',
  build: () => buildPython('fastmcp', 'servers/python/fastmcp_server.py'),
}
