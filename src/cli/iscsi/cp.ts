/** `samewire iscsi cp`: a file onto a logical unit, the other way, or from one unit to another; interrupted, it goes on where it was. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { CopyDestination, CopySource, EndIdentity } from '../../os/copy/ends.ts';
import { openFileDestination, openFileSource } from '../../os/copy/file-end.ts';
import { copy, type CopyNote, type CopyResult, newProgress } from '../../os/copy/job.ts';
import { type OpenUnit, unitDestination, unitSource } from '../../os/copy/unit-end.ts';
import { type IscsiOptions, openIscsiSession } from '../../os/iscsi/index.ts';
import { iscsiUrlText } from '../../storage/iscsi/initiator/index.ts';
import { type CommandContext, UserError } from '../context.ts';
import { quote } from '../try-commands.ts';
import { copyDisplay } from './cp-display.ts';
import { explained } from './failure.ts';
import { type ConnectionOptions, iscsiOptionsOf } from './options.ts';
import { isIscsiUrl, unitPlaceOf } from './places.ts';

export interface CpOptions extends ConnectionOptions {
  readonly verify?: boolean;
  readonly sparse: 'auto' | 'never';
  readonly depth: number;
  readonly blockSize: number;
  readonly force?: boolean;
  readonly restart?: boolean;
  readonly checkpoint: number;
  readonly toChapUser?: string;
  readonly toChapSecretEnv?: string;
  readonly toChapSecretFile?: string;
}

const EXIT_INTERRUPTED = 130;
const DRAWN_EVERY_MILLISECONDS = 250;
const JSON_EVERY_MILLISECONDS = 1000;

/** A code of 1: what was copied is not what is there. `flags`: the options that were given, to tell how to go on. */
export function cp(from: string, to: string, options: CpOptions, flags: readonly string[], context: CommandContext): Promise<number> {
  return explained(async () => {
    if (!isIscsiUrl(from) && !isIscsiUrl(to))
      throw new UserError('Neither of the two is an iSCSI URL (iscsi://host[:port]/target/lun): for files there is cp.');
    for (const text of [from, to]) if (isIscsiUrl(text)) unitPlaceOf(text);
    const { json = false } = options;
    const progress = newProgress();
    const display = copyDisplay(progress, nameOf(from), nameOf(to), json, context);
    const stop = new AbortController();
    const closers = [
      context.onSignal(() => {
        if (stop.signal.aborted) return context.exitNow(EXIT_INTERRUPTED);
        stop.abort();
        display.stopping();
      }),
      context.every(json ? JSON_EVERY_MILLISECONDS : DRAWN_EVERY_MILLISECONDS, display.tick),
    ];
    let result: CopyResult;
    try {
      result = await copy({
        openSource: () => openSource(from, iscsiOptionsOf(options, context)),
        openDestination: (bytes, resumes) => openDestination(to, bytes, resumes, options, context),
        pieceBytes: options.blockSize,
        depth: options.depth,
        sparse: options.sparse === 'auto',
        verify: options.verify === true,
        force: options.force === true,
        restart: options.restart === true,
        recordFolder: join(stateFolder(context), 'samewire', 'copies'),
        checkpointMilliseconds: options.checkpoint * 1000,
        stop: stop.signal,
        note: (note: CopyNote) => display.note(note),
        progress,
        now: () => performance.now(),
      });
    } catch (error) {
      display.clear();
      if (progress.phase !== 'opening' && progress.positionBytes > 0) context.err(display.goOn());
      throw error;
    } finally {
      for (const close of closers) close();
    }
    display.finish(result, again([from, to, ...flags]));
    if (result.outcome === 'complete') return 0;
    return result.outcome === 'stopped' ? EXIT_INTERRUPTED : 1;
  });
}

/** As the XDG Base Directory Specification has it. */
const stateFolder = ({ environment }: CommandContext): string =>
  environment['XDG_STATE_HOME'] || join(environment['HOME'] || homedir(), '.local', 'state');

function nameOf(text: string): string {
  if (!isIscsiUrl(text)) return text;
  const { portal, target, lun } = unitPlaceOf(text);
  return iscsiUrlText(portal, target, lun);
}

/** What to run to go on; secrets in URLs are not repeated. */
const again = (words: readonly string[]): string => `samewire iscsi cp ${words.map((word) => quote(withoutSecret(word))).join(' ')}`;

const withoutSecret = (text: string): string => text.replace(/^(iscsi:\/\/[^%/@]*)%[^/]*@/i, '$1@');

async function openUnit(url: string, options: IscsiOptions): Promise<OpenUnit> {
  const { lun } = unitPlaceOf(url);
  const session = await openIscsiSession(url, options);
  try {
    return { session, device: await session.device(lun), name: nameOf(url) };
  } catch (error) {
    await session.close();
    throw error;
  }
}

const openSource = async (from: string, options: IscsiOptions): Promise<CopySource> =>
  isIscsiUrl(from) ? unitSource(await openUnit(from, options)) : openFileSource(from);

async function openDestination(
  to: string,
  sizeBytes: number,
  resumes: (identity: EndIdentity) => Promise<boolean>,
  options: CpOptions,
  context: CommandContext,
): Promise<CopyDestination> {
  if (!isIscsiUrl(to)) return openFileDestination(to, { sizeBytes, overwrite: options.force === true, resumes });
  const { toChapUser, toChapSecretEnv, toChapSecretFile } = options;
  const own = toChapUser !== undefined || toChapSecretEnv !== undefined || toChapSecretFile !== undefined;
  const { chapUser, chapSecretEnv, chapSecretFile, ...others } = options;
  const account = own
    ? {
        ...(toChapUser === undefined ? {} : { chapUser: toChapUser }),
        ...(toChapSecretEnv === undefined ? {} : { chapSecretEnv: toChapSecretEnv }),
        ...(toChapSecretFile === undefined ? {} : { chapSecretFile: toChapSecretFile }),
      }
    : {
        ...(chapUser === undefined ? {} : { chapUser }),
        ...(chapSecretEnv === undefined ? {} : { chapSecretEnv }),
        ...(chapSecretFile === undefined ? {} : { chapSecretFile }),
      };
  const unit = await openUnit(to, iscsiOptionsOf({ ...others, ...account }, context));
  try {
    return await unitDestination(unit);
  } catch (error) {
    await unit.session.close();
    throw error;
  }
}
