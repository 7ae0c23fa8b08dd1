// Every text of the pages, in English: the language that is complete, and the one that the others fall back to. Words in
// braces are filled in by the page. What the file says of scopes and providers is the operator's own and stands there.

export const ENGLISH = {
  // The frame of each page
  protectedBy: 'Protected by Portcullis',
  runBy: 'Run by {name} ({host})',
  support: 'Help',
  privacy: 'Privacy',
  terms: 'Terms',
  problemTitle: 'Problem: {title}',

  // Who asks
  unnamedClient: 'An app without a name',
  app: 'App',
  server: 'Server',
  notVerified: 'not verified',
  publishedBy: 'From',
  returnsTo: 'Returns to',
  toThisDevice: 'Any program on this device could use this name.',
  toAnyProgram: 'Any program on this device that opens such links could use this name.',
  onlyIfStartedNow: 'Continue only if you just started this yourself.',
  toAnotherSite: 'This returns to a different site from the one the app comes from.',
  onlyIfTogether: 'Continue only if you know that the two belong together.',

  // Signing in
  signIn: 'Sign in',
  signInToConnect: 'Sign in to connect {client}',
  signInToLet: 'Sign in to let {client} use {server}',
  name: 'Name',
  password: 'Password',
  or: 'or',
  continueWith: 'Continue with {provider}',
  providerIsAsked: '{provider} is asked for: {scopes}',
  wrongPassword: 'This name and password do not belong together.',
  tooManySigningIn: 'Too many people are signing in right now. Try again in a moment.',
  tooManyTries: 'Too many tries. Wait {wait}, then try again.',
  providerSilent: 'The provider does not answer as it should. Try again, or another way.',
  providerSilentLater: 'The provider does not answer as it should. Try again later, or another way.',
  providerStopped: 'The sign-in was stopped at the provider. Try again, or another way.',
  accountNotAllowed:
    'This account may not sign in here. Use another account, or ask whoever runs this server.',
  notSignedInThisWay: 'You could not be signed in this way. Try again, with another account or another way.',
  signedIn: 'Signed in',
  youAreSignedIn: 'You are signed in. You can close this window.',

  // Consent
  wantsToUse: '{client} wants to use {server}',
  wantsAgain: '{client} wants to use {server} again',
  wantsMore: '{client} wants to do more with {server}',
  signedInAs: 'Signed in as {person}.',
  newInThis: 'New in this request',
  allowedBefore: 'Allowed before',
  wouldBeAble: 'It would be able to',
  useServer: 'Use this server in your name',
  canChange: 'makes changes',
  canDelete: 'can delete',
  canRunCommands: 'commands or secrets',
  allow: 'Allow',
  notYou: 'Not {person}?',
  useAnotherAccount: 'Use another account',
  disconnectAnyTime: 'You can disconnect it at any time on {page}.',
  yourAccountPage: 'your account page',
  askedByRefusedCall: 'Asked for by a refused call',
  triedAndRefused:
    'It tried this a moment ago and was refused. It is not part of what it asks now; tick what it may do as well.',
  scopeOpenid: 'Know who you are',
  scopeProfile: 'See your name',
  scopeEmail: 'See your e-mail address',
  scopeOfflineAccess: 'Stay connected while you are away',

  // Which server
  whichServer: 'Which server is {client} for?',
  chooseServer:
    'It did not say which server it means. Choose the one that you gave it; you are asked before anything is allowed.',

  // The device flow
  connectDevice: 'Connect a device',
  typeCode: 'Type the code that the device or the program shows.',
  compareCode: 'Go on only if you started this yourself, and the device or the program shows this very code.',
  code: 'Code',
  continue: 'Continue',
  isThisYourDevice: 'Is this your device?',
  startedFrom: 'Started from',
  onlyIfStarted: 'Go on only if you started this yourself',
  sameCode: 'and your device shows this very code. Nobody who helps you needs you to do this.',
  connectClient: 'Connect {client}',
  cancel: 'Cancel',
  connected: 'Connected',
  canGoOn: '{client} can go on. You can close this window.',
  codeWrong: 'This code is not known here, or it is over. Look at the device and type it again.',
  codeStopped: 'You stopped. Nothing was connected.',
  codeFailed: 'This did not work. Try again.',

  // The account page
  yourAccount: 'Your account',
  connectedApplications: 'Connected applications',
  nothingConnected: 'Nothing is connected.',
  thisBrowser: 'This browser',
  connectedSince: 'Connected since',
  ableTo: 'It is able to',
  knowWhoYouAre: 'Know who you are',
  disconnectClient: 'Disconnect {client}',
  disconnected: 'Disconnected.',
  lastUsed: 'Last used',
  browsers: 'Browsers',
  unknownBrowser: 'A browser',
  signedInSince: 'Signed in since',
  signedInFrom: 'Address',
  signOutBrowser: 'Sign out {browser}',
  browserSignedOut: 'The browser is signed out.',
  signOutEverywhere: 'Sign out everywhere',
  everywhereMeans:
    'Every browser is signed out, this one too. Apps stay connected unless you disconnect them as well.',
  disconnectAllToo: 'Disconnect all apps, too',
  signedOutEverywhere: 'You are signed out in every browser. You can close this window.',
  backToAccount: 'Back to your account',

  // A new password
  changePassword: 'Change the password',
  othersSignedOut: 'Every other browser is signed out. Apps stay connected.',
  currentPassword: 'Current password',
  newPassword: 'New password',
  repeatPassword: 'New password, once more',
  passwordRule: 'At least {count} characters.',
  passwordTooShort: 'The new password needs at least {count} characters.',
  passwordTooLong: 'The new password is longer than {count} bytes.',
  passwordsDiffer: 'The new password was typed in two different ways.',
  currentWrong: 'The current password is not right.',
  passwordChanged: 'Your password is changed. Every other browser is signed out.',
  setPassword: 'Set the password',

  // Passkeys
  passkeys: 'Passkeys',
  passkeysAre:
    'With a passkey you sign in by your fingerprint, your face or the PIN of your device, and need no password.',
  noPasskeys: 'You have no passkey.',
  passkeysFull: 'You have as many passkeys as are kept here. Remove one to add another.',
  passkeyName: 'Name of the new passkey',
  addPasskey: 'Add a passkey',
  makePasskey: 'Make a passkey',
  removePasskey: 'Remove {name}',
  passkeySynced: 'on several devices',
  addedOn: 'Added on',
  neverUsed: 'never',
  lastWayIn: 'This is your only way to sign in, so it cannot be removed.',
  passkeyAdded: 'The passkey is added.',
  passkeyRemoved: 'The passkey is removed.',
  passkeyNotMade: 'No passkey was made. Try again, or use another device.',
  passkeyKnown: 'This passkey is here already.',
  passkeyNeedsName: 'Give the passkey a name, so that you know it again.',
  passkeyNotShown: 'You could not be signed in with a passkey. Try again, or another way.',
  passkeyNeedsScript: 'A passkey needs JavaScript, and a browser that knows passkeys.',
  signInWithPasskey: 'Sign in with a passkey',
  passwordBeside: 'You can sign in with your password, too. Without it only your passkeys are left.',
  removePassword: 'Remove the password',
  passwordRemoved: 'The password is removed. You sign in with a passkey from now on.',

  // A link to get in again
  getInAgain: 'Get in again',
  resetFor: 'This link is for {person}.',
  resetMeans:
    'What you choose here takes the place of your password and of all passkeys. Every browser is signed out.',
  resetDone: 'Done. Sign in with what you chose just now.',
  linkOver: 'This link is over, or it was used before. Ask whoever gave it to you for a new one.',

  // Signing out
  signOut: 'Sign out',
  signOutQuestion: 'Sign out?',
  staySignedIn: 'Stay signed in',
  signedOut: 'Signed out',
  youAreSignedOut: 'You are signed out in this browser. You can close this window.',

  // The way out
  oneMoment: 'One moment',
  continueIfNothing: '{link} if nothing happens.',

  // An address that was opened in a browser
  mcpServerHere:
    'This is the address of an MCP server. Apps such as Claude, ChatGPT, VS Code and Cursor connect to it; in a browser there is nothing more to see.',
  mcpServersHere: 'MCP servers are reached here, by apps such as Claude, ChatGPT, VS Code and Cursor.',
  serversAt: 'MCP servers at {name}',
  claudeCode: 'Claude Code',
  claudeCodeCommand: 'claude mcp add --transport http {name} {url}',
  addAddress: 'Add this address in your app',
  whereToPaste:
    'Look for “connectors” or “MCP servers” in its settings. It then opens a page here, where you sign in and see what it asks for.',
  askForAddress:
    'Ask whoever gave you this address for the whole address of the server, and add it in your app.',

  // A call that waits for approval
  callWaits: 'This call waits for approval',
  callWaitsUntil: 'Nobody has decided on it yet. It waits until {time}.',
  callApproved: 'This call was approved',
  callApprovedUntil: 'Make it again now, once, until {time}.',
  callDenied: 'This call was denied',
  callDeniedUntil: 'It stays denied until {time}.',
  callOver: 'No such call waits',
  callOverWhy: 'It was made, its time is over, or there was none at this address.',
  nothingDecidedHere: 'Load this page again to see how it stands. Nothing is decided here.',

  // Errors
  didNotWork: 'This did not work',
  startAgain: 'Go back to the app that you came from and start again.',
  reference: 'Reference: {id}',
  tryAnotherAccount: 'Try again, with another account',
  tooOften: 'This was tried too often from here. Wait a few minutes.',
  requestOver: 'This request is over, or it was begun in another browser.',
  foreignForm: 'This form was not sent from the page it belongs to, or the page is too old.',
  formTooLong: 'This form is too long.',
  notUsedThisWay: 'This is not how this page is used.',
  signInNotOffered: 'This way of signing in is not offered here.',
  addressGone: 'The app that asked you no longer sends people to the address that was shown.',
  noSignInBegun: 'No sign-in was begun in this browser, or it took more than ten minutes.',
  noSignInHere: 'No sign-in was begun in this browser, or it is over.',
  providerUnreachable: 'The provider does not answer as it should. Try again later.',
  refusedThisWay: 'You could not be signed in this way.',
  notSignedIn: 'You could not be signed in.',
  nobodyCanSignIn: 'Nobody can be signed in right now. Try again later.',
  nobodyCanSignOut: 'Nobody can be signed out right now. You are still signed in; try again in some minutes.',
  signInAway: 'Signing in cannot be done right now. Try again in a moment.',
  wrongLink: 'This link names no route that people can sign in to, or a way back that is not allowed.',
  unknownClient:
    'The app that sent you here is not known, or no longer. Remove the connection there and add it again.',
  unregisteredAddress: 'The app asked to send you to an address that it did not register.',
  cannotBeAnswered: 'The app that sent you here asked in a way that cannot be answered.',
  silentSignIn: 'The app wants to know who you are without asking you, and you are not signed in here.',
  silentAccess: 'The app wants access without asking you.',
  notNow: 'This cannot be done right now. Wait a moment.',
  errorCode: 'This request cannot be answered ({code}).',
} as const satisfies Readonly<Record<string, string>>

export type TextKey = keyof typeof ENGLISH

/** Any of them may be missing: English stands in its place. Each has the words in braces of the English one. */
export type Translation = Readonly<Partial<Record<TextKey, string>>>
