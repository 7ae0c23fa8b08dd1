// Loaded before the program (node --import): says on standard error which modules of OpenTelemetry the process loads. Its api
// does not count, since prom-client loads that.
import { registerHooks } from 'node:module'

registerHooks({
  load(url, context, next) {
    if (/\/@opentelemetry\/(?!api\/)/.test(url)) process.stderr.write(`loaded ${url}\n`)
    return next(url, context)
  },
})
