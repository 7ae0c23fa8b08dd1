// The servers of a gateway that are programs: where a route gets its upstream. This process starts them; a worker has those of
// its primary (workers/programs-client.ts).
import type { ProgramSettings } from '../../core/settings-program.ts'
import { createProgramHost, type ProgramHostParts } from './program-host.ts'
import { createProgramUpstream, type ProgramUpstream } from './program-upstream.ts'

export interface Programs {
  /** Whoever takes it closes it. */
  upstreamOf(route: string, settings: ProgramSettings): ProgramUpstream
  /** Resolves when the programs of all upstreams, which were closed before, are gone. */
  close(): Promise<void>
}

export function createPrograms(parts: ProgramHostParts): Programs {
  const host = createProgramHost(parts)
  return {
    upstreamOf: (route, settings) => createProgramUpstream(route, settings, host),
    close: () => host.close(),
  }
}
