// The official Java SDK's stack with sessions, as a servlet in Tomcat.
import type { ServerProgram } from '../contract.ts'
import { buildJava, JAVA_SDK } from '../java.ts'

export const JAVA_SERVER: ServerProgram = {
  name: 'java-sessions',
  language: 'Java',
  sdk: `${JAVA_SDK}, HttpServletStreamableServerTransportProvider`,
  build: () => buildJava('server'),
  cannot: { resume: 'its streams have event ids, and it keeps none of their events' },
}
