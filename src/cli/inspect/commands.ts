// The commands that look at a live MCP server, for the table in cli/cli.ts.
import type { Command } from '../shared/command.ts'

interface Loaded {
  readonly command: Command
  readonly help: string
}

interface Entry {
  readonly summary: string
  readonly load: () => Promise<Loaded>
}

export const INSPECT_COMMANDS: readonly (readonly [string, Entry])[] = [
  [
    'inventory',
    {
      summary: 'what an upstream lists now',
      load: async () => {
        const { inventory, inventoryHelp } = await import('./inventory.ts')
        return { command: inventory, help: inventoryHelp }
      },
    },
  ],
  [
    'drift',
    {
      summary: 'what an upstream lists, against its approved manifest',
      load: async () => {
        const { drift, driftHelp } = await import('./drift.ts')
        return { command: drift, help: driftHelp }
      },
    },
  ],
  [
    'approve',
    {
      summary: 'write the manifest of an upstream',
      load: async () => {
        const { approve, approveHelp } = await import('./approve.ts')
        return { command: approve, help: approveHelp }
      },
    },
  ],
  [
    'suggest',
    {
      summary: 'proposed rules for what an upstream lists',
      load: async () => {
        const { suggest, suggestHelp } = await import('./suggest.ts')
        return { command: suggest, help: suggestHelp }
      },
    },
  ],
  [
    'doctor',
    {
      summary: 'play a client against any protected MCP server',
      load: async () => {
        const { doctor, doctorHelp } = await import('./doctor.ts')
        return { command: doctor, help: doctorHelp }
      },
    },
  ],
  [
    'probe',
    {
      summary: 'the short form of doctor',
      load: async () => {
        const { probe, probeHelp } = await import('./doctor.ts')
        return { command: probe, help: probeHelp }
      },
    },
  ],
]
