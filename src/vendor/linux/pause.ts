/** Pause frames: three switches of `ethtool` for one word of the fabric file. */
export function flowControlOf(negotiated: boolean, receive: boolean, send: boolean): string {
  if (negotiated && receive && send) return 'auto';
  return receive ? (send ? 'both' : 'receive') : send ? 'send' : 'none';
}
