// The grant types of the token endpoint: oidc-provider's own handlers, each made one unit of work, some of them with
// a rule more. Nothing here reads a token.
import Provider, { type Configuration } from 'oidc-provider'
import type { RateLimit } from '../../core/shared-state.ts'
import { withPollingInterval } from './device-polling.ts'
import type { GrantHandler } from './grant-handler.ts'
import { type ReplayOptions, withCodeReplay, withRefreshReplay } from './refresh-replay.ts'
import { type StepUpParts, withStepUp } from './step-up.ts'

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'

export interface GrantOptions extends ReplayOptions {
  readonly stepUp: StepUpParts
  /** How often a device may ask at all gateways together. */
  readonly devicePolls: RateLimit | undefined
}

/** A provider whose grants commit as a whole. */
export function createProvider(
  issuer: string,
  configuration: Configuration,
  options: GrantOptions,
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

function wrap(name: string, handler: GrantHandler, options: GrantOptions): GrantHandler {
  if (name === 'refresh_token') {
    const prove: GrantHandler = (context) => options.unitOfWork.rehearse(() => handler(context))
    return withStepUp(withRefreshReplay(handler, options), prove, options.stepUp)
  }
  const whole: GrantHandler = (context) => options.unitOfWork.run(() => handler(context))
  if (name === 'authorization_code') return withCodeReplay(handler, options)
  return name === DEVICE_CODE ? withPollingInterval(whole, options.clock, options.devicePolls) : whole
}
