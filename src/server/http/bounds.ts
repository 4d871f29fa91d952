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
