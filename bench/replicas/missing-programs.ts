// Programs that a stage needs and this machine does not have, by the names of their packages.
import { hasPostgres } from '../../test/support/postgres.ts'
import { redisMissing } from '../../test/support/redis.ts'
import { findProgram } from '../program.ts'

export function missingPrograms(): readonly string[] {
  return [
    ...(findProgram('haproxy') === undefined ? ['haproxy'] : []),
    ...(redisMissing() === undefined ? [] : ['redis-server']),
    ...(hasPostgres ? [] : ['PostgreSQL']),
  ]
}
