/** Where rules come from, in the words that documentation uses: guides by their titles, standards by name and clause, and the program itself. */

export const CHELSIO_GUIDE = 'Chelsio Unified Wire for VMware ESXi 6.7';
export const DEMARTEK_GUIDE = 'Demartek RoCE Deployment Guide';
export const WINOF_README = 'Mellanox WinOF VPI Readme';
export const LOWE_BLOG = 'blog.scottlowe.org, Networking';
export const MARVELL_GUIDE = 'Marvell 57xx and 57xxx Users Guide';

/** All five: a source that is none of them is a standard, or this. */
export const GUIDES: readonly string[] = [CHELSIO_GUIDE, DEMARTEK_GUIDE, WINOF_README, LOWE_BLOG, MARVELL_GUIDE];

/** Nothing outside says so: the declaration would have two meanings, or the program could not do it. */
export const OWN = 'Samewire itself';
