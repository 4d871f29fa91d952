/** A control socket's application, for tests of the socket alone: answers by method and path, such as `GET /x`. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type OpenStreams, StreamedAnswer } from '../control-stream.ts';

export type Answers = Readonly<Record<string, (body: Readonly<Record<string, unknown>>) => unknown>>;

export function answering(answers: Answers, streams?: OpenStreams): RequestListener {
  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const reply = (status: number, value: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    try {
      const pieces: Buffer[] = [];
      for await (const piece of incoming as AsyncIterable<Buffer>) pieces.push(piece);
      const body = JSON.parse(Buffer.concat(pieces).toString('utf8') || '{}') as Readonly<Record<string, unknown>>;
      const value = await answers[`${incoming.method} ${incoming.url}`]!(body);
      if (value instanceof StreamedAnswer) streams!.send(value, response);
      else reply(200, value);
    } catch (error) {
      reply(400, { error: (error as Error).message });
    }
  };
  return (incoming, response) => void answer(incoming, response);
}
