/** Lines of a shell as people paste them, with prompts and `sudo`. */

const PROGRAMS =
  'ip|bridge|tc|dcb|ethtool|mlnx_qos|cma_roce_mode|cma_roce_tos|devlink|echo|dhclient|sysctl|mkdir|cat|ibdev2netdev|show_gids|tc_wrap\\.py|lsmod|modprobe';
/** `root@lin1:~#`, `[root@lin1 ~]#`, `#` and `$`, with or without blanks behind. */
const PROMPT = new RegExp(
  `^\\s*(?:\\[?[\\w.-]{1,64}@[^\\s#$]{1,64}(?: [^\\s#$]{1,64})?\\]?)?[#$]\\s*(?=(?:sudo\\s+)?(?:${PROGRAMS})(?:\\s|$))`,
);

/** Without a prompt and `sudo`; undefined: a comment, or nothing. */
export function commandOf(line: string): string | undefined {
  const text = line
    .replace(PROMPT, '')
    .trim()
    .replace(/^sudo\s+/, '');
  return text === '' || text.startsWith('#') ? undefined : text;
}
