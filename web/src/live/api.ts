/** Asks the fabric: the same API that everybody else uses (`/api/openapi.json`). */

/** What the fabric says where it refuses, in its words. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

export interface Api {
  get<T>(path: string, query?: Query): Promise<T>;
  post<T>(path: string, body: Readonly<Record<string, unknown>>): Promise<T>;
  /** An answer that goes on. */
  stream(path: string, body: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<Response>;
}

const posted = (body: Readonly<Record<string, unknown>>): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export function makeApi(tokenOf: () => string | undefined, ask: typeof fetch = (...request) => fetch(...request)): Api {
  const send = async (path: string, options: RequestInit): Promise<Response> => {
    const token = tokenOf();
    const headers = new Headers(options.headers);
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    const response = await ask(path, { ...options, headers, cache: 'no-store' }).catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      throw new ApiError(0, 'The fabric does not answer: it was stopped, or the connection to it is lost.');
    });
    if (!response.ok) throw await refusal(response);
    return response;
  };
  return {
    async get(path, query = {}) {
      const given = Object.entries(query).flatMap(([key, value]) => [value ?? []].flat().map((one) => [key, String(one)]));
      const asked = given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
      return (await send(asked, {})).json();
    },
    post: async (path, body) => (await send(path, posted(body))).json(),
    stream: (path, body, signal) => send(path, { ...posted(body), signal }),
  };
}

async function refusal(response: Response): Promise<ApiError> {
  const answer: unknown = await response.json().catch(() => undefined);
  const { error, message } = (answer ?? {}) as Readonly<Record<string, unknown>>;
  const words = [message, error].find((one) => typeof one === 'string');
  return new ApiError(response.status, typeof words === 'string' ? words : `The fabric answered ${response.status}.`);
}
