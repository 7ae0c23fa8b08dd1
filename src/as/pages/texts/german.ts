// The texts of the pages in German. What is missing here is shown in English.
import type { Translation } from './english.ts'

export const GERMAN: Translation = {
  protectedBy: 'Geschützt durch Portcullis',
  runBy: 'Betrieben von {name} ({host})',
  support: 'Hilfe',
  privacy: 'Datenschutz',
  terms: 'Nutzungsbedingungen',
  problemTitle: 'Problem: {title}',

  unnamedClient: 'Eine App ohne Namen',
  app: 'App',
  server: 'Server',
  notVerified: 'nicht geprüft',
  publishedBy: 'Von',
  returnsTo: 'Zurück zu',
  toThisDevice: 'Jedes Programm auf diesem Gerät könnte diesen Namen verwenden.',
  toAnyProgram: 'Jedes Programm auf diesem Gerät, das solche Links öffnet, könnte diesen Namen verwenden.',
  onlyIfStartedNow: 'Fahren Sie nur fort, wenn Sie dies gerade selbst begonnen haben.',
  toAnotherSite: 'Dies führt zurück zu einer anderen Website als der, von der die App kommt.',
  onlyIfTogether: 'Fahren Sie nur fort, wenn Sie wissen, dass die beiden zusammengehören.',

  signIn: 'Anmelden',
  signInToConnect: 'Anmelden, um {client} zu verbinden',
  signInToLet: 'Anmelden, damit {client} {server} verwenden kann',
  name: 'Name',
  password: 'Passwort',
  or: 'oder',
  continueWith: 'Weiter mit {provider}',
  providerIsAsked: '{provider} wird gefragt nach: {scopes}',
  wrongPassword: 'Name und Passwort gehören nicht zusammen.',
  tooManySigningIn: 'Gerade melden sich zu viele Personen an. Versuchen Sie es gleich noch einmal.',
  tooManyTries: 'Zu viele Versuche. Warten Sie {wait} und versuchen Sie es dann noch einmal.',
  providerSilent:
    'Der Anbieter antwortet nicht richtig. Versuchen Sie es noch einmal oder auf einem anderen Weg.',
  providerSilentLater:
    'Der Anbieter antwortet nicht richtig. Versuchen Sie es später oder auf einem anderen Weg.',
  providerStopped:
    'Die Anmeldung wurde beim Anbieter abgebrochen. Versuchen Sie es noch einmal oder auf einem anderen Weg.',
  accountNotAllowed:
    'Mit diesem Konto dürfen Sie sich hier nicht anmelden. Verwenden Sie ein anderes, oder fragen Sie den Betreiber dieses Servers.',
  notSignedInThisWay:
    'Die Anmeldung auf diesem Weg ist nicht gelungen. Versuchen Sie es mit einem anderen Konto oder auf einem anderen Weg.',
  signedIn: 'Angemeldet',
  youAreSignedIn: 'Sie sind angemeldet. Sie können dieses Fenster schließen.',

  wantsToUse: '{client} möchte {server} verwenden',
  wantsAgain: '{client} möchte {server} wieder verwenden',
  wantsMore: '{client} möchte mehr mit {server} tun',
  signedInAs: 'Sie sind angemeldet als {person}.',
  newInThis: 'Neu in dieser Anfrage',
  allowedBefore: 'Schon erlaubt',
  wouldBeAble: 'Die App könnte',
  useServer: 'Diesen Server in Ihrem Namen verwenden',
  canChange: 'ändert etwas',
  canDelete: 'kann löschen',
  canRunCommands: 'Befehle oder Geheimnisse',
  allow: 'Erlauben',
  notYou: 'Nicht {person}?',
  useAnotherAccount: 'Anderes Konto verwenden',
  disconnectAnyTime: 'Sie können die Verbindung jederzeit auf {page} trennen.',
  yourAccountPage: 'Ihrer Kontoseite',
  askedByRefusedCall: 'Ein Aufruf wurde abgelehnt',
  triedAndRefused:
    'Die App hat dies gerade versucht und durfte es nicht. Sie bittet jetzt nicht darum; wählen Sie aus, was sie außerdem tun darf.',
  scopeOpenid: 'Wissen, wer Sie sind',
  scopeProfile: 'Ihren Namen sehen',
  scopeEmail: 'Ihre E-Mail-Adresse sehen',
  scopeOfflineAccess: 'Verbunden bleiben, während Sie nicht da sind',

  whichServer: 'Für welchen Server ist {client}?',
  chooseServer:
    'Die App hat nicht gesagt, welchen Server sie meint. Wählen Sie den, den Sie ihr genannt haben; bevor etwas erlaubt wird, werden Sie gefragt.',

  connectDevice: 'Ein Gerät verbinden',
  typeCode: 'Geben Sie den Code ein, den das Gerät oder das Programm zeigt.',
  compareCode:
    'Fahren Sie nur fort, wenn Sie dies selbst begonnen haben und das Gerät oder das Programm genau diesen Code zeigt.',
  code: 'Code',
  continue: 'Weiter',
  isThisYourDevice: 'Ist das Ihr Gerät?',
  startedFrom: 'Begonnen von',
  onlyIfStarted: 'Fahren Sie nur fort, wenn Sie dies selbst begonnen haben',
  sameCode: 'und Ihr Gerät genau diesen Code zeigt. Niemand, der Ihnen hilft, braucht das von Ihnen.',
  connectClient: '{client} verbinden',
  cancel: 'Abbrechen',
  connected: 'Verbunden',
  canGoOn: '{client} kann weitermachen. Sie können dieses Fenster schließen.',
  codeWrong:
    'Dieser Code ist hier nicht bekannt oder abgelaufen. Sehen Sie auf dem Gerät nach und geben Sie ihn noch einmal ein.',
  codeStopped: 'Sie haben abgebrochen. Es wurde nichts verbunden.',
  codeFailed: 'Das hat nicht funktioniert. Versuchen Sie es noch einmal.',

  yourAccount: 'Ihr Konto',
  connectedApplications: 'Verbundene Apps',
  nothingConnected: 'Es ist nichts verbunden.',
  thisBrowser: 'Dieser Browser',
  connectedSince: 'Verbunden seit',
  ableTo: 'Die App kann',
  knowWhoYouAre: 'Wissen, wer Sie sind',
  disconnectClient: '{client} trennen',
  disconnected: 'Getrennt.',

  signOut: 'Abmelden',
  signOutQuestion: 'Abmelden?',
  staySignedIn: 'Angemeldet bleiben',
  signedOut: 'Abgemeldet',
  youAreSignedOut: 'Sie sind in diesem Browser abgemeldet. Sie können dieses Fenster schließen.',

  oneMoment: 'Einen Moment',
  continueIfNothing: '{link}, falls nichts geschieht.',

  mcpServerHere:
    'Dies ist die Adresse eines MCP-Servers. Apps wie Claude, ChatGPT, VS Code und Cursor verbinden sich damit; im Browser gibt es nicht mehr zu sehen.',
  mcpServersHere: 'Hier sind MCP-Server zu erreichen, mit Apps wie Claude, ChatGPT, VS Code und Cursor.',
  serversAt: 'MCP-Server bei {name}',
  claudeCode: 'Claude Code',
  claudeCodeCommand: 'claude mcp add --transport http {name} {url}',
  addAddress: 'Fügen Sie diese Adresse in Ihrer App hinzu',
  whereToPaste:
    'Suchen Sie in ihren Einstellungen nach „Connectors“ oder „MCP-Server“. Sie öffnet dann hier eine Seite, auf der Sie sich anmelden und sehen, worum sie bittet.',
  askForAddress:
    'Fragen Sie, wer Ihnen diese Adresse gegeben hat, nach der ganzen Adresse des Servers, und fügen Sie sie in Ihrer App hinzu.',

  didNotWork: 'Das hat nicht funktioniert',
  startAgain: 'Gehen Sie zurück zu der App, von der Sie kommen, und beginnen Sie von vorn.',
  reference: 'Kennung: {id}',
  tryAnotherAccount: 'Mit einem anderen Konto noch einmal versuchen',
  tooOften: 'Dies wurde von hier zu oft versucht. Warten Sie einige Minuten.',
  requestOver: 'Diese Anfrage ist abgelaufen oder wurde in einem anderen Browser begonnen.',
  foreignForm: 'Dieses Formular kam nicht von der Seite, zu der es gehört, oder die Seite ist zu alt.',
  formTooLong: 'Dieses Formular ist zu lang.',
  notUsedThisWay: 'So wird diese Seite nicht benutzt.',
  signInNotOffered: 'Diese Art der Anmeldung gibt es hier nicht.',
  addressGone: 'Die App, die gefragt hat, schickt niemanden mehr an die Adresse, die angezeigt wurde.',
  noSignInBegun:
    'In diesem Browser wurde keine Anmeldung begonnen, oder sie hat länger als zehn Minuten gedauert.',
  noSignInHere: 'In diesem Browser wurde keine Anmeldung begonnen, oder sie ist abgelaufen.',
  providerUnreachable: 'Der Anbieter antwortet nicht richtig. Versuchen Sie es später noch einmal.',
  refusedThisWay: 'Die Anmeldung auf diesem Weg ist nicht gelungen.',
  notSignedIn: 'Die Anmeldung ist nicht gelungen.',
  nobodyCanSignIn: 'Gerade kann sich niemand anmelden. Versuchen Sie es später noch einmal.',
  nobodyCanSignOut:
    'Gerade kann sich niemand abmelden. Sie sind weiterhin angemeldet; versuchen Sie es in einigen Minuten noch einmal.',
  signInAway: 'Die Anmeldung ist gerade nicht möglich. Versuchen Sie es gleich noch einmal.',
  wrongLink:
    'Dieser Link nennt keine Route, an der man sich anmelden kann, oder einen Rückweg, der nicht erlaubt ist.',
  unknownClient:
    'Die App, die Sie hierher geschickt hat, ist nicht oder nicht mehr bekannt. Entfernen Sie die Verbindung dort und fügen Sie sie neu hinzu.',
  unregisteredAddress: 'Die App wollte Sie an eine Adresse schicken, die sie nicht registriert hat.',
  cannotBeAnswered:
    'Die App, die Sie hierher geschickt hat, hat auf eine Weise gefragt, die sich nicht beantworten lässt.',
  silentSignIn: 'Die App möchte ohne Rückfrage wissen, wer Sie sind, und Sie sind hier nicht angemeldet.',
  silentAccess: 'Die App möchte Zugriff ohne Rückfrage.',
  notNow: 'Das ist gerade nicht möglich. Warten Sie einen Moment.',
  errorCode: 'Diese Anfrage lässt sich nicht beantworten ({code}).',
}
