// The grant types of the token endpoint: oidc-provider's own handlers, each made one unit of work, two of them with
// a rule more. Nothing here reads a token.
import Provider, { type Configuration, type KoaContextWithOIDC } from 'oidc-provider'
import { type GraceOptions, withCodeGrace, withGrace } from './grace.ts'
import { withPace } from './pace.ts'

export type TokenContext = KoaContextWithOIDC & {
  readonly oidc: { readonly params: Readonly<Record<string, unknown>> }
}
export type GrantHandler = (context: TokenContext) => Promise<void>

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'

/** A provider whose grants commit as a whole. */
export function createProvider(
  issuer: string,
  configuration: Configuration,
  options: GraceOptions,
): Provider {
  class TransactionalProvider extends Provider {
    /** Called by the constructor of oidc-provider for each grant type that is on. */
    override registerGrantType<Params extends object>(
      name: string,
      handler: Parameters<typeof Provider.prototype.registerGrantType<Params>>[1],
      ...rest: OtherArguments
    ): void {
      const wrapped = wrap(name, handler as unknown as GrantHandler, options)
      super.registerGrantType<Params>(name, wrapped as unknown as typeof handler, ...rest)
    }
  }
  return new TransactionalProvider(issuer, configuration) as Provider
}

type Names = string | readonly string[] | ReadonlySet<string>
type OtherArguments = [parameters?: Names, duplicates?: Names]

function wrap(name: string, handler: GrantHandler, options: GraceOptions): GrantHandler {
  if (name === 'refresh_token') return withGrace(handler, options)
  const whole: GrantHandler = (context) => options.units.run(() => handler(context))
  if (name === 'authorization_code') return withCodeGrace(whole, options)
  return name === DEVICE_CODE ? withPace(whole, options.clock) : whole
}
