// Paths that the file names without `file:`: the audit, manifests, images, the data of the authorization server. They are
// relative to the folder of the configuration, like those with `file:`, wherever a command is called.
import { dirname, resolve } from 'node:path'
import type { Settings } from '../core/settings.ts'
import type { AuditSettings } from '../core/settings-audit.ts'
import { isPostgresUrl } from '../lib/postgres-url.ts'

export function resolvePaths(settings: Settings, file: string): Settings {
  const at = (path: string) => resolve(dirname(file), path)
  const { assertionKeys: keys, audit, authorizationServer: server, branding, routes } = settings
  return {
    ...settings,
    audit: {
      ...audit,
      ...(audit.file === 'stdout' ? {} : { file: at(audit.file) }),
      ...resolvedChain(audit, at),
      ...resolvedOcsf(audit, at),
      ...(audit.policies === undefined ? {} : { policies: at(audit.policies) }),
    },
    ...(server
      ? {
          authorizationServer: {
            ...server,
            data: isPostgresUrl(server.data) ? server.data : at(server.data),
          },
        }
      : {}),
    ...(keys === undefined ? {} : { assertionKeys: { ...keys, file: at(keys.file) } }),
    ...(branding?.logo === undefined ? {} : { branding: { ...branding, logo: at(branding.logo) } }),
    routes: routes.map(({ manifest, icon, ...route }) => ({
      ...route,
      ...(manifest === undefined ? {} : { manifest: { ...manifest, file: at(manifest.file) } }),
      ...(icon === undefined ? {} : { icon: at(icon) }),
    })),
  }
}

function resolvedOcsf({ ocsf }: AuditSettings, at: (path: string) => string): Pick<AuditSettings, 'ocsf'> {
  return ocsf?.file === undefined ? {} : { ocsf: { ...ocsf, file: at(ocsf.file) } }
}

function resolvedChain({ chain }: AuditSettings, at: (path: string) => string): Pick<AuditSettings, 'chain'> {
  if (chain === undefined) return {}
  const { key, anchor } = chain
  const kept = anchor !== undefined && 'file' in anchor ? { file: at(anchor.file) } : anchor
  return { chain: { key: at(key), ...(kept === undefined ? {} : { anchor: kept }) } }
}
