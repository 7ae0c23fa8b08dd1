// The sidecar: built by kustomize, decoded strictly, and its gateway.yaml read as the gateway reads it.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DEPLOY, decode, missing, of, problemsOf } from './manifests.ts'

const reason = missing(['kustomize', 'version'], ['go', 'version'])

describe.skipIf(reason !== undefined)('the sidecar', { timeout: 240_000 }, () => {
  const built = () =>
    decode(execFileSync('kustomize', ['build', join(DEPLOY, 'kustomize/example')], { encoding: 'utf8' }))

  test('stands beside the containers that were there, with the name that a ConfigMap keeps', () => {
    const manifests = built()
    const { spec } = of(manifests, 'Deployment').spec.template
    expect(spec.containers.map(({ name }: { name: string }) => name).sort()).toEqual(['notes', 'portcullis'])
    const [gateway] = spec.containers.filter(({ name }: { name: string }) => name === 'portcullis')
    expect(gateway.image).toBe('registry.example.com/portcullis:0.1.0')
    expect(gateway.securityContext).toMatchObject({ runAsNonRoot: true, readOnlyRootFilesystem: true })
    expect(of(manifests, 'ConfigMap').metadata.name).toBe('portcullis')
  })

  test('the Service leads to the gateway, and run takes the file', () => {
    const manifests = built()
    expect(of(manifests, 'Service').spec.ports).toEqual([{ name: 'http', port: 80, targetPort: 'http' }])
    expect(problemsOf(of(manifests, 'ConfigMap').data['gateway.yaml'])).toEqual([])
  })
})
