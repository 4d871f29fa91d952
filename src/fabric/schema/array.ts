/** Storage arrays: iSCSI nodes (RFC 7143 §4.2.1) with network portals, portal groups and targets. */
import { z } from 'zod';
import { parseAnnounceAddress, parseListenAddress } from '../address.ts';
import { chapSchema } from './access.ts';
import { isnsSchema } from './isns.ts';
import { groupsSchema } from './access-state.ts';
import { machineShape } from './machine.ts';
import { limitsSchema, negotiationSchema } from './session.ts';
import { targetSchema } from './target.ts';
import { mapping, named, text, whole, yesNo } from './words.ts';

const listenNoun = 'an address such as `127.0.0.1:3260`';
const portalNoun = 'an address such as `127.0.0.1:3260`, or a mapping with `listen`';
const nameNoun = 'a name of letters, digits, `-` and `_`';
const listen = text(listenNoun, parseListenAddress);

const portalSchema = z.union(
  [
    listen.meta({ description: 'Address and port to listen on; port 0 picks a free one.', examples: ['127.0.0.1:3260', '[::1]:3260'] }),
    mapping(portalNoun, {
      name: z
        .string({ error: nameNoun })
        .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: nameNoun })
        .optional()
        .meta({ description: 'A name for the `portals` of a target to refer to.' }),
      listen: listen.meta({ description: 'Address and port to listen on; port 0 picks a free one.', examples: ['0.0.0.0:3260'] }),
      announce: text('an address such as `storage.example:3260`', parseAnnounceAddress)
        .optional()
        .meta({
          description: 'The address told to initiators, where it differs from the one listened on (NAT).',
          examples: ['203.0.113.7:3260'],
        }),
      iser: yesNo().default(false).meta({ description: 'Takes iSER (RFC 7145) over RDMA too.' }),
      group: whole('a whole number from 1 to 65535', 1, 65535)
        .default(1)
        .meta({ description: 'Target portal group tag. The connections of one session stay in one group; ALUA states are kept for each.' }),
    }),
  ],
  { error: portalNoun },
);

export const arraySchema = mapping('a mapping with `portals` and `targets`', {
  ...machineShape,
  portals: z
    .array(portalSchema, { error: 'a list of portals such as `- 127.0.0.1:3260`' })
    .min(1, { error: 'a list with at least one portal, such as `- 127.0.0.1:3260`' })
    .meta({ description: 'Where initiators connect: addresses of its `nics`, others are of the machine it runs on.' }),
  groups: groupsSchema.default([]).meta({
    description: 'Asymmetric access (ALUA) when the array comes up. Groups that are not listed are `active-optimized`.',
  }),
  targets: named('a mapping from target name to target', targetSchema).meta({
    description: 'Targets by iSCSI name, such as `iqn.2026-01.net.example:disk1`.',
  }),
  discovery: mapping('a mapping with `chap`', {
    chap: chapSchema.optional().meta({ description: 'Discovery sessions have to log in with CHAP.' }),
  })
    .prefault({})
    .meta({ description: 'Discovery sessions (SendTargets). An initiator is told of the targets it may log in to.' }),
  isns: isnsSchema
    .optional()
    .meta({ description: 'iSNS server to register targets and portals at (RFC 4171), for initiators that ask it.' }),
  limits: limitsSchema.prefault({}).meta({ description: 'Limits that protect the array.' }),
  negotiation: negotiationSchema.prefault({}).meta({ description: 'Bounds of what is negotiated at login.' }),
  state: z.string({ error: 'the path of a directory' }).min(1, { error: 'the path of a directory' }).optional().meta({
    description: 'Directory for what has to survive a restart (persistent reservations). By default `.samewire/NAME` beside this file.',
  }),
});

export type PortalDeclaration = z.output<typeof portalSchema>;
export type ArrayDeclaration = z.output<typeof arraySchema>;
