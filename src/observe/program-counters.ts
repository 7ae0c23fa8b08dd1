// What the metrics say of servers that are programs: how many run, how they ended, and what they said to nobody.
import { Counter, Gauge, type Registry } from 'prom-client'
import type { ProgramEvents } from '../core/program-events.ts'

export function createProgramCounters(registers: Registry[]): Omit<ProgramEvents, 'tell'> {
  const running = new Gauge({
    name: 'portcullis_programs_running',
    help: 'Programs that run now as MCP servers.',
    labelNames: ['route'],
    registers,
  })
  const started = new Counter({
    name: 'portcullis_programs_started_total',
    help: 'Programs that were started as MCP servers, also those that could not be.',
    labelNames: ['route'],
    registers,
  })
  const gone = new Counter({
    name: 'portcullis_programs_gone_total',
    help: 'Programs that are no more: `died` by themselves, or `ended` by the gateway.',
    labelNames: ['route', 'how'],
    registers,
  })
  const dropped = new Counter({
    name: 'portcullis_program_messages_dropped_total',
    help: 'Messages between programs and clients that went to nobody, by reason.',
    labelNames: ['route', 'why'],
    registers,
  })
  return {
    started(route) {
      started.inc({ route })
      running.inc({ route })
    },
    gone(route, how) {
      gone.inc({ route, how })
      running.dec({ route })
    },
    dropped: (route, why) => dropped.inc({ route, why }),
  }
}
