// The chart: linted, rendered, decoded strictly, and its gateway.yaml read as the gateway reads it.
import { execFileSync, spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DEPLOY, decode, type Manifest, missing, of, problemsOf } from './manifests.ts'

const CHART = join(DEPLOY, 'helm/portcullis')
const reason = missing(['helm', 'version'], ['go', 'version'])
const VALUES = globSync(join(CHART, 'ci/*-values.yaml')).map((file) => [basename(file), file] as const)
const FOR = ['--kube-version', '1.34.0']
const PATIENCE_MS = 240_000 // the decoder is built once

const values = (name: string) => join(CHART, `ci/${name}-values.yaml`)

function render(name: string, ...more: readonly string[]): readonly Manifest[] {
  const args = ['template', 'notes', CHART, ...FOR, '-f', values(name), ...more]
  return decode(execFileSync('helm', args, { encoding: 'utf8' }))
}

/** What helm says instead of rendering. */
function refusal(...args: readonly string[]): string {
  const { status, stderr } = spawnSync('helm', ['template', 'notes', CHART, ...FOR, ...args], {
    encoding: 'utf8',
  })
  expect(status).not.toBe(0)
  return stderr
}

describe.skipIf(reason !== undefined)('the chart', { timeout: PATIENCE_MS }, () => {
  test('there are values for the least, for all, and for a sidecar', () => {
    expect(VALUES.map(([name]) => name).sort()).toEqual([
      'all-values.yaml',
      'minimal-values.yaml',
      'sidecar-values.yaml',
    ])
  })

  test.each(VALUES)('%s: lint finds nothing', (_name, file) => {
    expect(execFileSync('helm', ['lint', '--strict', CHART, '-f', file], { encoding: 'utf8' })).toContain(
      '0 chart(s) failed',
    )
  })

  test.each(['minimal', 'all', 'sidecar'])(
    '%s: each manifest is what Kubernetes knows, and run takes the file',
    (name) => {
      const manifests = render(name)
      const file = of(manifests, 'ConfigMap').data['gateway.yaml']
      expect(problemsOf(file)).toEqual([])
      expect(file).toContain('listen: 0.0.0.0:8080')
    },
  )

  test('all: every kind that the chart can make is made', () => {
    expect([...new Set(render('all').map(({ kind }) => kind))].sort()).toEqual([
      ...['ConfigMap', 'Deployment', 'HTTPRoute', 'HorizontalPodAutoscaler', 'Ingress', 'NetworkPolicy'],
      ...['PodDisruptionBudget', 'Secret', 'Service', 'ServiceAccount', 'ServiceMonitor'],
    ])
  })

  test('the pod has no privilege, no account token, and time enough to drain', () => {
    const { spec } = of(render('minimal'), 'Deployment').spec.template
    expect(spec.automountServiceAccountToken).toBe(false)
    expect(spec.containers[0].securityContext).toEqual({
      ...{ runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532 },
      ...{ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    })
    expect(spec.terminationGracePeriodSeconds).toBe(5 + 30 + 10)
  })

  test('the admin port is in a Service of its own, and nothing publishes it', () => {
    const manifests = render('all')
    expect(
      of(manifests, 'Service', 'notes-portcullis').spec.ports.map((port: { name: string }) => port.name),
    ).toEqual(['http'])
    const published = [of(manifests, 'Ingress'), of(manifests, 'HTTPRoute')].map((one) =>
      JSON.stringify(one.spec),
    )
    for (const text of published) expect(text).not.toMatch(/admin|9090/)
  })

  test('the network policies let only the gateway reach the server, and only who is named the admin port', () => {
    const manifests = render('all')
    const server = of(manifests, 'NetworkPolicy', 'notes-portcullis-notes').spec
    const pod = of(manifests, 'Deployment').spec.template.metadata.labels
    expect(server.podSelector).toEqual({ matchLabels: { app: 'notes' } })
    expect(server.ingress).toHaveLength(1)
    const [{ from }] = server.ingress
    expect(from).toHaveLength(1)
    expect(pod).toMatchObject(from[0].podSelector.matchLabels)
    const admin = of(render('minimal'), 'NetworkPolicy').spec.ingress.flatMap(
      (rule: { ports: { port: string }[] }) => rule.ports,
    )
    expect(admin.map(({ port }: { port: string }) => port)).toEqual(['http'])
  })

  test('streams: no buffering, and no timeout that ends them', () => {
    const manifests = render('all')
    const { annotations } = of(manifests, 'Ingress').metadata as unknown as {
      annotations: Record<string, string>
    }
    expect(annotations['nginx.ingress.kubernetes.io/proxy-buffering']).toBe('off')
    expect(of(manifests, 'HTTPRoute').spec.rules[0].timeouts).toEqual({ request: '0s', backendRequest: '0s' })
  })

  test('sidecar: the server is in the pod, and is not forced to be our user', () => {
    const { spec } = of(render('sidecar'), 'Deployment').spec.template
    expect(spec.containers.map(({ name }: { name: string }) => name)).toEqual(['portcullis', 'notes'])
    expect(spec.securityContext).not.toHaveProperty('runAsUser')
  })

  test.each([
    [[], 'set secrets.values.ADMIN_TOKEN'],
    [['-f', values('minimal'), '--set', 'image.repository='], 'set image.repository'],
    [['-f', values('minimal'), '--set', 'config=null'], 'set config'],
    [['-f', values('minimal'), '--set', 'config.listen=127.0.0.1:8080'], 'leave config.listen out'],
    [['-f', values('sidecar'), '--set', 'replicas=2'], 'persistence is a volume of one pod'],
    [['-f', values('minimal'), '--set', 'replica=2'], "additional properties 'replica' not allowed"],
    [['-f', values('minimal'), '--set', 'ingress.enabled=true'], 'set ingress.host'],
    [['-f', values('minimal'), '--set', 'httpRoute.enabled=true'], 'set httpRoute.parentRefs'],
  ])('%j is refused with what to do', (args, sentence) => {
    expect(refusal(...args)).toContain(sentence)
  })
})
