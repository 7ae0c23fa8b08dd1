// The official Go SDK in two versions: the last one before 2026-07-28, which many programs use, and the newest one.
import type { ClientProgram } from '../contract.ts'
import { buildGo } from '../go.ts'

const SOURCES = 'clients/go-sdk'

export const GO_SDK_1_8: ClientProgram = {
  name: 'go-sdk-1.8',
  language: 'Go',
  sdk: 'github.com/modelcontextprotocol/go-sdk 1.8.0',
  build: () => buildGo(SOURCES, 'go-sdk-1.8'),
  soaks: true,
}

export const GO_SDK_1_6: ClientProgram = {
  name: 'go-sdk-1.6',
  language: 'Go',
  sdk: 'github.com/modelcontextprotocol/go-sdk 1.6.1',
  build: () => buildGo(SOURCES, 'go-sdk-1.6', ['-modfile=old.mod', '-tags=old']),
  soaks: true,
  cannot: { refresh: 'it refreshes under the context of the call that signed in, which has ended by then' },
}
