// The Python SDKs. One program: what differs is behind its `Peer`.
import type { ClientProgram } from '../contract.ts'
import { buildPython } from '../python.ts'

const MAIN = 'clients/python/main.py'

export const PYTHON_1: ClientProgram = {
  name: 'python-1',
  language: 'Python',
  sdk: 'mcp 1.30.0',
  build: () => buildPython('mcp1', MAIN, 'mcp1'),
  soaks: true,
  cancelsByLeaving: true,
}

export const PYTHON_2: ClientProgram = {
  name: 'python-2',
  language: 'Python',
  sdk: 'mcp 2.3.0',
  build: () => buildPython('mcp2', MAIN, 'mcp2'),
  soaks: true,
}

export const FASTMCP_CLIENT: ClientProgram = {
  name: 'fastmcp',
  language: 'Python',
  sdk: 'fastmcp 4.2.3',
  build: () => buildPython('fastmcp', MAIN, 'fastmcp'),
  soaks: true,
}
