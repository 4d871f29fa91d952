/** Where rules come from, in the words that documentation uses: guides by their titles, standards by name and clause, and the program itself. */

export const CHELSIO_GUIDE = 'Chelsio Unified Wire for VMware ESXi 6.7';
export const DEMARTEK_GUIDE = 'Demartek RoCE Deployment Guide';
export const WINOF_README = 'Mellanox WinOF VPI Readme';
export const LOWE_BLOG = 'blog.scottlowe.org, Networking';
export const MARVELL_GUIDE = 'Marvell 57xx and 57xxx Users Guide';

/** Nothing outside says so: the declaration would have two meanings, or the program could not do it. */
export const OWN = 'Samewire itself';
