/** `samewire serve`: disks on the command line, without a fabric file. */
import { checkDeclaration } from '../check/check-fabric.ts';
import { openPortal } from '../check/rules/storage/open-portal.ts';
import { planArrays } from '../fabric/plan.ts';
import { bringUp, type BringUpOptions } from './bring-up.ts';
import { type CommandContext, UserError } from './context.ts';
import { renderProblems } from './render-problems.ts';

export interface ServeOptions extends BringUpOptions {
  readonly memory?: readonly string[];
  readonly portal?: readonly string[];
  readonly target: string;
  readonly blockSize?: string;
  readonly readOnly?: boolean;
  readonly thin?: boolean;
  readonly allow?: readonly string[];
  readonly chapUser?: string;
  readonly chapSecretEnv?: string;
  readonly state?: string;
}

export const DEFAULT_TARGET = 'iqn.2026-01.net.samewire:serve';
const DEFAULT_PORTAL = '127.0.0.1:3260';
const NAME = 'serve';
const ACCESS_REMEDY = 'Say who may: `--allow` with an initiator or `any`, or `--chap-user` and `--chap-secret-env`.';

export async function serve(images: readonly string[], options: ServeOptions, context: CommandContext): Promise<number> {
  const { fabric, problems } = checkDeclaration(declare(images, options), 'samewire serve');
  const shown = problems.map((problem) => (problem.rule === openPortal.id ? { ...problem, remedy: ACCESS_REMEDY } : problem));
  if (shown.length > 0) context.err(`${renderProblems(shown, undefined, context.errColors)}\n`);
  if (fabric === undefined) throw new UserError('Nothing was brought up.');
  const plans = planArrays(fabric, '').map((plan) => ({ ...plan, stateDirectory: options.state }));
  const nothingElse = { hosts: [], network: undefined, file: undefined, text: undefined, onlyChecked: [], reread: async () => [] };
  return bringUp(NAME, { arrays: plans, problems, ...nothingElse }, { ...options, page: options.page ?? false }, context);
}

/** The same as a fabric file would say, so that the same checks apply. */
export function declare(images: readonly string[], options: ServeOptions): unknown {
  const memory = options.memory ?? [];
  if (images.length === 0 && memory.length === 0) throw new UserError('There is nothing to serve: name an image, or give --memory a size.');
  if ((options.chapUser === undefined) !== (options.chapSecretEnv === undefined)) {
    throw new UserError('CHAP takes both --chap-user and --chap-secret-env.');
  }
  const common = {
    blockSize: options.blockSize === undefined ? 512 : Number(options.blockSize),
    readOnly: options.readOnly === true,
    provisioning: options.thin === true ? 'thin' : 'thick',
  };
  const luns = [
    ...images.map((path) => ({ store: 'file', path, ...common })),
    ...memory.map((size) => ({ store: 'memory', size, ...common })),
  ];
  const chap = options.chapUser === undefined ? undefined : { user: options.chapUser, secret: { env: options.chapSecretEnv } };
  const initiators = options.allow ?? (chap === undefined ? undefined : ['any']);
  const access = initiators?.map((initiator) => (chap === undefined ? { initiator } : { initiator, chap }));
  const target = access === undefined ? { luns } : { luns, access };
  return {
    version: 1,
    name: NAME,
    arrays: { [NAME]: { portals: options.portal ?? [DEFAULT_PORTAL], targets: { [options.target]: target } } },
  };
}
