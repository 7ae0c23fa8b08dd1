// What `/readyz` says about several workers: ready when at least one serves and all that serve are ready, so that a
// worker that is being replaced does not make the process unready. Values only.
import type { Readiness, WorkerStatus } from '../core/readiness.ts'
import type { PartStatus } from '../core/route.ts'
import type { ConfigurationState } from '../gateway/configuration-state.ts'

export interface JointState {
  readonly generation: number
  readonly isDraining: boolean
  readonly configuration: Pick<ConfigurationState, 'status'>
  /** The state of each place. The readiness is undefined where no worker serves, or it does not answer. */
  readonly places: readonly { readonly status: WorkerStatus; readonly readiness: Readiness | undefined }[]
  /** Audit lines that the primary itself could not write. */
  readonly auditFailures: number
}

export function jointReadiness(joint: JointState): Readiness {
  const { generation, isDraining, configuration, places, auditFailures } = joint
  const reports = places.flatMap(({ readiness }) => readiness ?? [])
  const failures = reports.reduce((sum, { audit }) => sum + audit.failures, auditFailures)
  const signIn = joinParts(reports.map(({ sign_in }) => sign_in ?? []))
  const [state] = joinParts(reports.map((each) => (each.state === undefined ? [] : [each.state])))
  const names = reports[0]?.routes.map(({ name }) => name) ?? []
  return {
    configuration: configuration.status(reports[0]?.configuration.restart_needed),
    ready: !isDraining && reports.length > 0 && reports.every(({ ready }) => ready),
    ...(isDraining ? { draining: true as const } : {}),
    generation,
    routes: names.map((name) => ({ name, parts: joinParts(reports.map((each) => partsOf(each, name))) })),
    ...(signIn.length > 0 ? { sign_in: signIn } : {}),
    ...(state === undefined ? {} : { state }),
    audit: { failures },
    workers: places.map(({ status }) => status),
  }
}

function partsOf({ routes }: Readiness, name: string): readonly PartStatus[] {
  return routes.find((route) => route.name === name)?.parts ?? []
}

/** Joins the parts of all workers: of each part, the worst that any worker says. */
function joinParts(all: readonly (readonly PartStatus[])[]): readonly PartStatus[] {
  const names = [...new Set(all.flat().map(({ name }) => name))]
  return names.map((name) => {
    const same = all.flat().filter((part) => part.name === name)
    const ages = same.flatMap(({ ageMs }) => ageMs ?? [])
    return {
      name,
      ready: same.every(({ ready }) => ready),
      ageMs: ages.length === 0 ? undefined : Math.max(...ages),
      lastError: same.find(({ lastError }) => lastError !== undefined)?.lastError,
    }
  })
}
