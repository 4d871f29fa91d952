/** Captures what passes a port, and saves it as a file for Wireshark. */
import { useEffect, useId, useRef, useState } from 'react';
import { ApiError, live } from '../live/index.ts';
import { bytesText, some } from '../ui/format.ts';
import { Section } from '../ui/parts.tsx';
import { toast } from '../ui/toasts.tsx';
import { askForAccess, useHindrance } from './access.tsx';
import { sentenceOf } from './action-button.tsx';
import { PcapngCount } from './pcapng-count.ts';

/** It is kept in memory until it is saved. */
const BYTES_MAX = 64 * 1024 * 1024;
/** How often what came in is shown. */
const SHOW_MILLISECONDS = 250;

interface Progress {
  readonly bytes: number;
  readonly frames: number;
}

export const Capture = ({ at }: { readonly at: string }): React.JSX.Element => {
  const [progress, setProgress] = useState<Progress | undefined>();
  const [headersOnly, setHeadersOnly] = useState(false);
  const ending = useRef<AbortController | undefined>(undefined);
  const hindrance = useHindrance();
  const field = useId();
  // Who goes away has had enough.
  useEffect(() => () => ending.current?.abort(), []);

  const start = async (): Promise<void> => {
    const end = new AbortController();
    ending.current = end;
    setProgress({ bytes: 0, frames: 0 });
    try {
      const { file, frames, isFull } = await capture(at, headersOnly, end.signal, setProgress);
      save(file, `${at.replaceAll(/[^\w.-]+/g, '-')}.pcapng`);
      toast('good', `${some(frames, 'frame')} captured at ${at}: ${bytesText(file.size)} are saved.${isFull ? ' More does not fit.' : ''}`);
    } catch (error) {
      toast('bad', sentenceOf(error));
    } finally {
      ending.current = undefined;
      setProgress(undefined);
    }
  };

  return (
    <Section title="Capture">
      <p className="muted">
        What passes {at}, both ways, as pcapng for Wireshark; {bytesText(BYTES_MAX)} at most.
      </p>
      <div className="form-line">
        {progress === undefined ? (
          <button
            type="button"
            aria-disabled={hindrance !== undefined}
            title={hindrance}
            onClick={() => (hindrance === undefined ? void start() : askForAccess())}
          >
            Start capture
          </button>
        ) : (
          <button type="button" className="primary" onClick={() => ending.current?.abort()}>
            Stop and save
          </button>
        )}
        <span className="check">
          <input
            id={field}
            type="checkbox"
            checked={headersOnly}
            disabled={progress !== undefined}
            onChange={(event) => setHeadersOnly(event.target.checked)}
          />
          <label htmlFor={field}>Headers only</label>
        </span>
      </div>
      {progress !== undefined && (
        <p className="capturing">
          <span className="pulse" aria-hidden="true" />
          {some(progress.frames, 'frame')}, {bytesText(progress.bytes)}
        </p>
      )}
    </Section>
  );
};

interface Captured {
  readonly file: Blob;
  readonly frames: number;
  readonly isFull: boolean;
}

/** Until it is told to end, the fabric ends it, or no more fits. */
async function capture(at: string, headersOnly: boolean, end: AbortSignal, tell: (progress: Progress) => void): Promise<Captured> {
  const count = new PcapngCount();
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let [bytes, told] = [0, 0];
  let isFull = false;
  try {
    const response = await live.api.stream('/api/network/capture', { at, ...(headersOnly ? { headersOnly } : {}) }, end);
    const reader = response.body!.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      isFull = bytes + value.length > BYTES_MAX;
      if (isFull) {
        await reader.cancel();
        break;
      }
      pieces.push(value);
      count.push(value);
      bytes += value.length;
      if (performance.now() - told < SHOW_MILLISECONDS) continue;
      told = performance.now();
      tell({ bytes, frames: count.frames });
    }
  } catch (error) {
    if (!end.aborted) throw error;
  }
  if (count.wholeBytes === 0) throw new ApiError(0, `Nothing was captured at ${at}.`);
  const type = 'application/x-pcapng';
  return { file: new Blob(pieces, { type }).slice(0, count.wholeBytes, type), frames: count.frames, isFull };
}

function save(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
