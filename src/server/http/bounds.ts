/** How much the server takes on. */

export const REQUEST_BYTES_MAX = 64 * 1024;
/** That a request may take to arrive. */
export const REQUEST_MILLISECONDS = 10_000;
/** Requests that are being answered at once. */
export const REQUESTS_MAX = 100;
/** Answers that go on, such as captures, at once. */
export const STREAMS_MAX = 16;
/** Connections to the page's address. */
export const CONNECTIONS_MAX = 256;
/** That an operation may take: longer than any ping, shorter than whoever asks on the control socket waits. */
export const OPERATION_MILLISECONDS = 40_000;
/** That whoever asks at the page's address may take nothing of what waits for it. */
export const UNREAD_MILLISECONDS = 30_000;
