// Which scalars of the file may name a variable or a file: secrets, URLs and certificates, and nothing else. A new
// secret key needs a row here; without one its schema refuses the value, so forgetting it is safe.

/**
 * `secret`: `${VAR}` and `file:`; the value is never shown. `url`: `${VAR}`. `file`: `file:/path`, kept as the path.
 * `pem`: `file:/path`, replaced by the text of the file. `path`: a path, relative to the folder of the configuration
 * (resolve-paths.ts). `place`: a path, or a URL
 * that may be a secret. `hidden`: like
 * `secret`, of a value that need not be one. `plain`: no variable and no file; `${` is an error, since `file:///**` and the like are ordinary values.
 */
export type ExpansionSite = 'secret' | 'url' | 'file' | 'pem' | 'path' | 'place' | 'hidden' | 'plain'
export type Path = readonly (string | number)[]

const EXPANSION_SITES: ReadonlyMap<string, ExpansionSite> = new Map<string, ExpansionSite>([
  ['public_url', 'url'],
  ['allowed_origins.*', 'url'],
  ['admin.public_url', 'url'],
  ['admin.token', 'secret'],
  ['admin.peers.*.url', 'url'],
  ['admin.peers.*.token', 'secret'],
  ['admin.peers.*.ca', 'pem'],
  ['admin.people.client_secret', 'secret'],
  ['session_key', 'secret'],
  ['state.url', 'url'],
  ['state.password', 'secret'],
  ['state.sentinel.password', 'secret'],
  ['state.ca', 'pem'],
  ['approvals.webhook.url', 'url'],
  ['approvals.webhook.secret', 'secret'],
  ['approvals.webhook.ca', 'pem'],
  ['audit.file', 'path'],
  ['audit.key', 'path'],
  ['audit.anchor.file', 'path'],
  ['audit.ocsf.file', 'path'],
  ['audit.ocsf.syslog.url', 'url'],
  ['audit.ocsf.syslog.ca', 'pem'],
  ['audit.ocsf.otlp.endpoint', 'url'],
  ['audit.ocsf.otlp.headers.*', 'secret'],
  ['audit.ocsf.otlp.ca', 'pem'],
  ['audit.anchor.url', 'url'],
  ['audit.anchor.token', 'secret'],
  ['audit.anchor.ca', 'pem'],
  ['telemetry.endpoint', 'url'],
  ['telemetry.headers.*', 'secret'],
  ['telemetry.ca', 'pem'],
  ['telemetry.traces.endpoint', 'url'],
  ['telemetry.traces.headers.*', 'secret'],
  ['telemetry.metrics.endpoint', 'url'],
  ['telemetry.metrics.headers.*', 'secret'],
  ['tls.cert', 'file'],
  ['tls.key', 'file'],
  ['issuers.*.issuer', 'url'],
  ['issuers.*.introspection.endpoint', 'url'],
  ['issuers.*.introspection.client_secret', 'secret'],
  ['issuers.*.introspection.client_secret_next', 'secret'],
  ['issuers.*.introspection.private_key', 'secret'],
  ['issuers.*.gateway_url', 'url'],
  ['issuers.*.endpoint', 'url'],
  ['issuers.*.token', 'secret'],
  ['issuers.*.ca', 'pem'],
  ...overridesOf('issuers.*'),
  ['authorization_server.data', 'place'],
  ['authorization_server.cookie_secret', 'secret'],
  ['authorization_server.registration.client_id_metadata.ca', 'file'],
  ['authorization_server.sign_in.providers.*.issuer', 'url'],
  ['authorization_server.sign_in.providers.*.endpoints.authorization', 'url'],
  ['authorization_server.sign_in.providers.*.endpoints.token', 'url'],
  ['authorization_server.sign_in.providers.*.endpoints.userinfo', 'url'],
  ['authorization_server.sign_in.providers.*.client_secret', 'secret'],
  ['authorization_server.sign_in.providers.*.ca', 'pem'],
  ...overridesOf('authorization_server.sign_in.providers.*'),
  ['routes.*.upstream', 'url'],
  ['routes.*.upstream.url', 'url'],
  ['routes.*.upstream.ca', 'pem'],
  ['routes.*.upstream.cwd', 'path'],
  ['routes.*.upstream.env.*', 'hidden'],
  ['routes.*.audience.*', 'url'],
  ['routes.*.manifest.file', 'path'],
  ['routes.*.browser.allowed_origins.*', 'url'],
  ['routes.*.browser.client_secret', 'secret'],
  ['routes.*.upstream_auth.value', 'secret'],
  ['routes.*.upstream_auth.*.value', 'secret'],
  ['assertions.keys', 'path'],
  ['routes.*.policy.authsec.url', 'url'],
  ['routes.*.policy.authsec.ca', 'pem'],
  ['routes.*.policy.authsec.secret', 'secret'],
])

function overridesOf(place: string): (readonly [string, ExpansionSite])[] {
  const names = ['metadata', 'jwks_uri', 'token_endpoint', 'userinfo_endpoint']
  return names.map((name) => [`${place}.overrides.${name}`, 'url'])
}

export function expansionSiteOf(path: Path): ExpansionSite {
  return EXPANSION_SITES.get(pattern(path)) ?? 'plain'
}

/** `['issuers', 'corp', 'issuer']` → `issuers.*.issuer`. Names chosen by the user and indexes become `*`. */
export function pattern(path: Path): string {
  const steps = path.map((step, depth) => {
    const chosen =
      (depth === 1 && path[0] === 'issuers') ||
      (depth === 3 && path[2] === 'providers') ||
      (depth === 4 && path[3] === 'env') ||
      ((path[0] === 'telemetry' || path[0] === 'audit') && path[depth - 1] === 'headers')
    return chosen || typeof step === 'number' ? '*' : step
  })
  return steps.join('.')
}
