// A server protected by mcp-auth, as its README shows it: Express, bearerAuth('jwt'), and one tool behind it. The guard
// stands in the server's own process, so nothing is proxied. Arguments: port, issuer, audience, path, reply as JSON.
import express from 'express'
import { fetchServerConfig, MCPAuth } from 'mcp-auth'

const [port, issuer, audience, path, reply] = process.argv.slice(2)
const mcpAuth = new MCPAuth({ server: await fetchServerConfig(issuer, { type: 'oauth' }) })
const app = express()
app.use(path, mcpAuth.bearerAuth('jwt', { audience, requiredScopes: ['notes:read'] }), express.json())
app.post(path, ({ body }, response) => {
  response.json({ ...JSON.parse(reply), id: body.id })
})
app.listen(Number(port), '127.0.0.1')
