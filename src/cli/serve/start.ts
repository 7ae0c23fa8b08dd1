// A gateway for the commands that serve: it runs, or a sentence says why it cannot. Which exit code that is, is the
// command's business.
import { type GatewayOptions, type RunningGateway, startGateway } from '../../gateway/gateway.ts'
import { listeningProblem } from '../../gateway/listening-problem.ts'

/** `elsewhere` says how to name another address. */
export async function startOrTell(
  options: GatewayOptions,
  elsewhere: string,
): Promise<RunningGateway | string> {
  try {
    return await startGateway(options)
  } catch (error) {
    return listeningProblem(error, elsewhere)
  }
}
