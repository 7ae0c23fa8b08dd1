// The forms that oidc-provider makes for pages of its own: of each, only address and token are taken, and the page
// around it is ours.

/** Throws when the form holds neither: then the engine has changed under us. */
export function readEngineForm(form: string): { readonly action: string; readonly token: string } {
  const action = /<form[^<>]* action="([^"]*)"/.exec(form)?.[1]
  const token = /name="xsrf" value="([^"]*)"/.exec(form)?.[1]
  if (action === undefined || token === undefined) throw new TypeError('a form without action or token')
  return { action: new URL(action, 'http://localhost').pathname, token }
}
