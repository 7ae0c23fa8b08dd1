// The texts of the pages in German. What is missing here is shown in English.
import type { Translation } from './english.ts'

export const GERMAN: Translation = {
  protectedBy: 'Geschützt durch Portcullis',
  problemTitle: 'Problem: {title}',

  unnamedClient: 'Eine Anwendung ohne Namen',
  callsItself: 'Nennt sich',
  publishedBy: 'Veröffentlicht von',
  sendsYouTo: 'Führt Sie zu',
  toThisDevice: 'Dies führt zu einem Programm auf diesem Gerät.',
  toAnyProgram: 'Dies führt zu dem Programm, das auf diesem Gerät solche Links öffnet.',
  anyProgramCouldAsk:
    'Jedes Programm hier könnte unter diesem Namen fragen. Fahren Sie nur fort, wenn Sie dies gerade selbst begonnen haben.',
  toAnotherSite: 'Dies führt zu einer anderen Website als der, die es veröffentlicht hat.',
  onlyIfTogether: 'Fahren Sie nur fort, wenn Sie wissen, dass die beiden zusammengehören.',

  signIn: 'Anmelden',
  signInToConnect: 'Anmelden, um {client} zu verbinden',
  name: 'Name',
  password: 'Passwort',
  or: 'oder',
  continueWith: 'Weiter mit {provider}',
  providerIsAsked: '{provider} wird gefragt nach: {scopes}',
  goBack: 'Nein, zurück',
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

  connect: '{client} verbinden?',
  connectAgain: '{client} wieder verbinden?',
  asksForMore: '{client} möchte mehr',
  signedInAs: 'Sie sind angemeldet als {person}.',
  couldThen: 'Dann könnte die Anwendung',
  wouldBeAble: 'Die Anwendung könnte',
  nothingElse: 'Wissen, wer Sie sind, und sonst nichts.',
  isNew: 'neu',
  onServers: 'Auf {servers}',
  allow: 'Erlauben',
  doNotAllow: 'Nicht erlauben',
  notYou: 'Sind Sie das nicht?',
  useAnotherAccount: 'Anderes Konto verwenden',
  disconnectAnyTime: 'Sie können die Verbindung jederzeit auf {page} trennen.',
  yourAccountPage: 'Ihrer Kontoseite',
  askedByRefusedCall: 'Ein Aufruf wurde abgelehnt',
  triedAndRefused:
    'Die Anwendung hat dies gerade versucht und durfte es nicht. Sie bittet jetzt nicht darum; wählen Sie aus, was sie außerdem tun darf.',
  scopeOpenid: 'Wissen, wer Sie sind',
  scopeProfile: 'Ihren Namen sehen',
  scopeEmail: 'Ihre E-Mail-Adresse sehen',
  scopeOfflineAccess: 'Verbunden bleiben, während Sie nicht da sind',

  whichServer: 'Für welchen Server ist {client}?',
  chooseServer:
    'Die Anwendung hat nicht gesagt, welchen Server sie meint. Wählen Sie den, den Sie ihr genannt haben; bevor etwas erlaubt wird, werden Sie gefragt.',

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
  connectedApplications: 'Verbundene Anwendungen',
  nothingConnected: 'Es ist nichts verbunden.',
  thisBrowser: 'Dieser Browser',
  connectedSince: 'Verbunden seit',
  ableTo: 'Die Anwendung kann',
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

  didNotWork: 'Das hat nicht funktioniert',
  startAgain: 'Gehen Sie zurück zu der Anwendung, von der Sie kommen, und beginnen Sie von vorn.',
  reference: 'Kennung: {id}',
  tryAnotherAccount: 'Mit einem anderen Konto noch einmal versuchen',
  tooOften: 'Dies wurde von hier zu oft versucht. Warten Sie einige Minuten.',
  requestOver: 'Diese Anfrage ist abgelaufen oder wurde in einem anderen Browser begonnen.',
  foreignForm: 'Dieses Formular kam nicht von der Seite, zu der es gehört, oder die Seite ist zu alt.',
  formTooLong: 'Dieses Formular ist zu lang.',
  notUsedThisWay: 'So wird diese Seite nicht benutzt.',
  signInNotOffered: 'Diese Art der Anmeldung gibt es hier nicht.',
  addressGone: 'Die Anwendung, die gefragt hat, schickt niemanden mehr an die Adresse, die angezeigt wurde.',
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
    'Die Anwendung, die Sie hierher geschickt hat, ist nicht oder nicht mehr bekannt. Entfernen Sie die Verbindung dort und fügen Sie sie neu hinzu.',
  unregisteredAddress: 'Die Anwendung wollte Sie an eine Adresse schicken, die sie nicht registriert hat.',
  cannotBeAnswered:
    'Die Anwendung, die Sie hierher geschickt hat, hat auf eine Weise gefragt, die sich nicht beantworten lässt.',
  silentSignIn:
    'Die Anwendung möchte ohne Rückfrage wissen, wer Sie sind, und Sie sind hier nicht angemeldet.',
  silentAccess: 'Die Anwendung möchte Zugriff ohne Rückfrage.',
  notNow: 'Das ist gerade nicht möglich. Warten Sie einen Moment.',
  errorCode: 'Diese Anfrage lässt sich nicht beantworten ({code}).',
}
