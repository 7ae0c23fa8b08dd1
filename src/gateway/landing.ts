// The pages for people who open the address of a route, or the root, in a browser. They are made of the configuration
// alone: no server is asked. What draws pages is loaded with the first of them.
import type { ServerResponse } from 'node:http'
import type { LandingServer } from '../as/pages/landing.ts'
import type { HtmlPage } from '../as/people.ts'
import type { RouteSettings, Settings } from '../core/settings.ts'
import { brandingOf, imageAt } from './branding.ts'

export interface Landing {
  /** Undefined for a route that is not there. @param name of the route */
  server(name: string, response: ServerResponse): Promise<HtmlPage | undefined>
  root(response: ServerResponse): Promise<HtmlPage>
}

export function createLanding(settings: Settings): Landing {
  const { routes, publicUrl, authorizationServer } = settings
  const branding = brandingOf(settings)
  const parts = { hasAccount: authorizationServer !== undefined }
  const servers = new Map(routes.map((route) => [route.name, describe(route, publicUrl)]))
  const [only] = servers.size === 1 ? servers.values() : []
  const load = () => Promise.all([import('../as/pages/landing.ts'), import('../as/pages/write.ts')])
  return {
    async server(name, response) {
      const server = servers.get(name)
      if (server === undefined) return undefined
      const [{ serverPage }, { viewOf }] = await load()
      return serverPage(server, parts)(viewOf(response, branding))
    },
    async root(response) {
      const [{ rootPage }, { viewOf }] = await load()
      return rootPage(only, parts)(viewOf(response, branding))
    },
  }
}

function describe({ name, title, icon, path }: RouteSettings, publicUrl: string): LandingServer {
  return { name, url: publicUrl + path, title: title ?? name, icon: imageAt(icon) }
}
