/** iSNS on the wire (RFC 4171): PDUs, messages and their attributes. Pure functions, no state. */
export * from './address.ts';
export * from './attribute.ts';
export * from './bitmaps.ts';
export { describeAttribute, describeMessage } from './describe.ts';
export * from './function.ts';
export * from './header.ts';
export { decodeMessage, encodeMessage, type Message, sectionsOf } from './message.ts';
export * from './tags.ts';
