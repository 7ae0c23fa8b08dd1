// Loads the code of the embedded authorization server only in a process that serves one, so that a gateway without it
// starts fast.

/**
 * Suppresses the warning of oidc-provider about a Node that is not a long-term release. Our own tests say which
 * releases work.
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
