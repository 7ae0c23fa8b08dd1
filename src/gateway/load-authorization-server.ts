// The code of the embedded authorization server, loaded only by a process that serves one: a gateway without it starts
// fast.

/**
 * While it loads, oidc-provider warns about every Node that is not a long-term release; our own tests say which ones
 * work.
 */
export async function loadAuthorizationServer() {
  const { warn } = console
  console.warn = (...words: unknown[]) => {
    if (!String(words[0]).includes('Unsupported runtime')) warn(...words)
  }
  try {
    const [{ createAuthorizationServer }, { createPeople }] = await Promise.all([
      import('../as/authorization-server.ts'),
      import('../as/account/create-people.ts'),
    ])
    return { createAuthorizationServer, createPeople }
  } finally {
    console.warn = warn
  }
}
