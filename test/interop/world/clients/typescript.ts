// Both generations of the official TypeScript SDK. One program: what differs is behind its `Peer`.
import { join } from 'node:path'
import type { ClientProgram } from '../contract.ts'

const HERE = import.meta.dirname

export const TYPESCRIPT_1: ClientProgram = {
  name: 'typescript-1',
  language: 'TypeScript',
  sdk: '@modelcontextprotocol/sdk 1.32.2',
  build: async () => [process.execPath, join(HERE, 'typescript/main.ts'), '1'],
  soaks: true,
}

export const TYPESCRIPT_2: ClientProgram = {
  name: 'typescript-2',
  language: 'TypeScript',
  sdk: '@modelcontextprotocol/client 2.4.0',
  build: async () => [process.execPath, join(HERE, 'typescript/main.ts'), '2'],
  soaks: true,
}
