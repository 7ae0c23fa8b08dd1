// `portcullis check --upstream`: asks each upstream what it lists, and says how the rules of its route meet that.
import { isProgram, type Settings } from '../../core/settings.ts'
import { upstreamTargetOf } from '../../inspect/upstream-target.ts'
import { manifestOf } from '../../manifest/manifest.ts'
import { toolPages } from '../../manifest/tool-page.ts'
import type { Io } from '../shared/command.ts'
import { printable } from '../shared/printable.ts'
import { askInventory } from '../shared/upstream-target.ts'
import type { ClosedPage } from './page-access.ts'
import { type Coverage, coverageOf } from './upstream-coverage.ts'

/** Undefined for an upstream that could not be asked, which has been told. */
export async function checkUpstreams(
  { routes, scopesImply }: Pick<Settings, 'routes' | 'scopesImply'>,
  io: Io,
): Promise<readonly (Coverage | undefined)[]> {
  const coverages: (Coverage | undefined)[] = []
  for (const route of routes) {
    if (isProgram(route.upstream)) {
      io.stderr.write(
        `portcullis check: ${route.name}: its server is a program, which check does not start; see portcullis inventory\n`,
      )
      coverages.push(undefined)
      continue
    }
    const live = await askInventory('check', upstreamTargetOf(route), io)
    coverages.push(
      live.ok
        ? coverageOf(route, manifestOf(live.value), { pages: toolPages(live.value.tools), scopesImply })
        : undefined,
    )
  }
  return coverages
}

export function formatCoverage(coverage: Coverage | undefined): string {
  if (coverage === undefined) return ''
  const { route, total, mapped, unmapped, stale, closedPages = [] } = coverage
  const lines = [
    `${route}: ${total} listed, ${mapped} mapped, ${unmapped.length} unmapped, ${stale.length} stale`,
    ...unmapped.map((target) => `  unmapped  ${printable(target)}`),
    ...closedPages.map((page) => `  warning   ${printable(sentenceOf(page))}`),
    ...stale.map(({ rule, pattern }) => `  stale     ${pattern} (rule ${rule})`),
  ]
  return `${lines.join('\n')}\n`
}

function sentenceOf({ tool, uri, rule, missing, closedBy }: ClosedPage): string {
  if (missing !== undefined)
    return `tool ${tool} is open by rule ${rule}, its page ${uri} needs also the scope ${missing.join(', ')}`
  if (closedBy !== undefined)
    return `tool ${tool} is open by rule ${rule}, its page ${uri} not to all of the same callers: see \`who\` and \`when\` of rule ${closedBy}`
  return `tool ${tool} is open by rule ${rule}, its page ${uri} is not: name it under \`resources\``
}
