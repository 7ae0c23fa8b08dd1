// Who hears what a program says that belongs to no call: the one session that it serves, all sessions of its subject, the
// only call under way of its caller, or nobody where callers share it.
import type { LineMessage } from '../../core/line-message.ts'
import type { Audience, Program } from './program.ts'
import type { ProgramSession } from './program-session.ts'

export function audienceOfSession(session: ProgramSession): Audience {
  return {
    notification(message, program) {
      if (!session.say(message.line({}))) program.drop('unheard')
    },
    request(message, program) {
      const { id } = message.ids
      if (message.method === 'ping' && !session.isHeard) return program.acknowledge(message)
      const isAsked = id !== undefined && session.asks(id) && session.say(message.line({}))
      if (!isAsked) program.refuse(message)
    },
  }
}

/** One person, whose clients each hear of everything. `sessions`: those that the program serves. */
export function audienceOfSubject(sessions: () => Iterable<ProgramSession>): Audience {
  return {
    notification(message, program) {
      for (const session of sessions()) {
        if (!session.say(message.line({}))) program.drop('unheard')
      }
    },
    request: answerAlone,
  }
}

export const NO_AUDIENCE: Audience = {
  notification: (_message, program) => program.drop('shared'),
  request: answerAlone,
}

/** Of requests without a session. */
export const AUDIENCE_OF_CALLS: Audience = {
  notification(message, program) {
    const call = program.onlyCall()
    if (call === undefined) program.drop('late')
    else call.aside(message)
  },
  request: answerAlone,
}

function answerAlone(message: LineMessage, program: Program): void {
  if (message.method === 'ping') program.acknowledge(message)
  else program.refuse(message)
}
