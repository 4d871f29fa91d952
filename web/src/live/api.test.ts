import { describe, expect, it } from 'vitest';
import { ApiError, makeApi } from './api.ts';
import { backOffMilliseconds } from './back-off.ts';

function asked(answer: Response | Error, token?: string) {
  const requests: { path: string; options: RequestInit }[] = [];
  const api = makeApi(
    () => token,
    async (path, options) => {
      requests.push({ path: String(path), options: options! });
      if (answer instanceof Error) throw answer;
      return answer;
    },
  );
  return { api, requests };
}

describe('the API', () => {
  it('is asked with the token where there is one', async () => {
    const { api, requests } = asked(Response.json({}), 'abc');
    await api.post('/api/network/link', { at: 'tor1:1', up: false });
    expect(new Headers(requests[0]!.options.headers).get('authorization')).toBe('Bearer abc');
    expect(requests[0]!.options.body).toBe('{"at":"tor1:1","up":false}');
    const without = asked(Response.json({}));
    await without.api.get('/api/state');
    expect(new Headers(without.requests[0]!.options.headers).has('authorization')).toBe(false);
  });

  it('writes queries with lists, and leaves out what is undefined', async () => {
    const { api, requests } = asked(Response.json({}));
    await api.get('/api/history', { series: ['a b', 'c&d'], limit: undefined, after: 3 });
    expect(requests[0]!.path).toBe('/api/history?series=a+b&series=c%26d&after=3');
  });

  it('gives the sentence of a refusal', async () => {
    const { api } = asked(Response.json({ error: 'There is no tor9.' }, { status: 404 }));
    await expect(api.get('/api/x')).rejects.toThrow(new ApiError(404, 'There is no tor9.'));
    const odd = asked(new Response('<html>', { status: 502 }));
    await expect(odd.api.get('/api/x')).rejects.toThrow('The fabric answered 502.');
  });

  it('says that nobody answers in words of its own', async () => {
    const { api } = asked(new TypeError('Failed to fetch'));
    await expect(api.get('/api/x')).rejects.toThrow('The fabric does not answer');
  });
});

describe('backing off', () => {
  it('waits longer each time up to a bound, and never for nothing', () => {
    expect([0, 1, 2, 3, 20].map((failures) => backOffMilliseconds(failures, 0))).toEqual([250, 500, 1000, 2000, 7500]);
    expect([0, 1, 20].map((failures) => backOffMilliseconds(failures, 1))).toEqual([500, 1000, 15_000]);
  });
});
