/** A boot agent is let in. */
import { admits } from '../../logins.ts';
import type { Finding, Rule } from '../../rule.ts';
import { EXAMPLE_HOST } from '../../example.ts';
import { MARVELL_GUIDE } from '../../sources.ts';
import { bootExample, targetBoot } from './examples.ts';
import { type BootLogin, bootLoginsOf } from './booting.ts';

const example = (initiator: string): string => bootExample(targetBoot(), { target: `access: [${initiator}]` });

export const bootAccess: Rule = {
  id: 'SW-1198',
  name: 'boot-access',
  severity: 'error',
  title: 'A boot agent is not let in by its target',
  meaning:
    'The target lets in the initiators of its access list, with the CHAP that stands there. The agent has a name and secrets of its own.',
  remedy: 'Add the `initiator` of the agent to `access` of the target, and give the agent the CHAP that stands there.',
  ignored: 'The login ends with status 0201h or 0202h; the screen shows a failed login, or only the next boot device.',
  source: ['RFC 7143 §11.13.5', 'RFC 7143 §12.1', MARVELL_GUIDE],
  examples: { fail: example('iqn.1998-01.com.vmware:esx9'), pass: example(EXAMPLE_HOST) },
  check: (fabric) =>
    bootLoginsOf(fabric).flatMap((login) => {
      const { target, found, array, booting } = login;
      return accessFindings(login).map((finding) => ({
        ...finding,
        restsOn: [target.at, [...booting.boot.at, 'initiator'], ...(found === undefined ? [array.at] : [[...found.at, 'access']])],
      }));
    }),
};

function accessFindings({ booting: { boot, place }, target, found }: BootLogin): Finding[] {
  if (found === undefined || found.redirect !== undefined) return [];
  const name = `\`${target.name}\``;
  const access = boot.initiator === undefined ? undefined : admits(found, boot.initiator);
  if (access === false)
    return [
      {
        at: [...boot.at, 'initiator'],
        message: `\`${place}\` boots as \`${boot.initiator}\`, and ${name} does not let that in.`,
        remedy: `Add \`${boot.initiator}\` to its \`access\`.`,
        related: [{ at: [...found.at, 'access'], message: 'who is let in' }],
      },
    ];
  if (access === undefined) return [];
  const asked = access.chap;
  const given = target.chap;
  const related = [{ at: asked?.at ?? access.at, message: 'what the target has for it' }];
  if (asked !== undefined && given === undefined)
    return [
      {
        at: [...target.at, 'chap'],
        missingFrom: target.at,
        message: `${name} asks for CHAP, and the boot agent of \`${place}\` gives none.`,
        remedy: 'Add `chap: { user: ..., secret: { env: NAME } }` to the target of the agent.',
        related,
      },
    ];
  if (asked !== undefined && given !== undefined && asked.user !== given.user)
    return [
      {
        at: [...given.at, 'user'],
        message: `${name} knows another CHAP user than the boot agent of \`${place}\` gives.`,
        remedy: 'Write the same `user` in both.',
        related,
      },
    ];
  if (given?.mutual === undefined || asked?.mutual?.user === given.mutual.user) return [];
  return [
    {
      at: [...given.at, 'mutual'],
      message:
        asked?.mutual === undefined
          ? `The boot agent of \`${place}\` wants ${name} to prove itself, and it has nothing to do so with.`
          : `${name} proves itself under another name than the boot agent of \`${place}\` wants.`,
      remedy: 'Write the same `mutual` in both.',
      related,
    },
  ];
}
