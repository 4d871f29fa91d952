/**
 * Requests can be sent before the answer to the one before has come. Node tells an answer that its connection is gone only where it is that answer's turn: the
 * others would never be over, and hold their places for ever.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Is to be told of each answer before it is begun. */
export function queuedAnswers(): (incoming: IncomingMessage, answer: ServerResponse) => void {
  const bySocket = new WeakMap<Socket, Set<ServerResponse>>();
  const answersOf = (socket: Socket): Set<ServerResponse> => {
    const known = bySocket.get(socket);
    if (known !== undefined) return known;
    const answers = new Set<ServerResponse>();
    bySocket.set(socket, answers);
    socket.once('close', () => {
      for (const answer of answers) {
        if (answer.socket !== null) continue; // Node does it
        answer.destroy();
        answer.emit('close');
      }
    });
    return answers;
  };
  return ({ socket }, answer) => {
    const answers = answersOf(socket);
    answers.add(answer);
    answer.once('close', () => answers.delete(answer));
  };
}
