/** Shell text for a guest: a file system with files small and large on a disk, and what proves later that none of it was lost. */

const MOUNT = '/mnt';

/** Checksums are kept in the guest's memory, by a name: never on the disk under test. */
const sums = (name: string): string => `/tmp/sums-${name}`;

/** Makes ext4 on the disk, puts 200 small files and one large one there, and unmounts it. */
export const fillDisk = (disk: string, name: string, mebibytes: number): string => `
  modprobe ext4
  mkfs.ext4 -q -F ${disk}
  mount ${disk} ${MOUNT}
  dd if=/dev/urandom of=${MOUNT}/large bs=1M count=${mebibytes} 2>/dev/null
  mkdir ${MOUNT}/small
  head -c 600000 ${MOUNT}/large | split -b 3000 -a 3 - ${MOUNT}/small/
  (cd ${MOUNT} && find . -type f -exec sha256sum {} + | sort -k 2) > ${sums(name)}
  test "$(wc -l < ${sums(name)})" -eq 201
  umount ${MOUNT}`;

/** Reads everything back from the disk, not from memory: a device that was logged out has left nothing in the cache. */
export const checkDisk = (disk: string, name: string): string => `
  e2fsck -f -n ${disk}
  mount ${disk} ${MOUNT}
  (cd ${MOUNT} && sha256sum -c --quiet ${sums(name)})
  umount ${MOUNT}`;

/** Removes the large file and tells the disk what is free. */
export const trimDisk = (disk: string): string => `
  mount ${disk} ${MOUNT}
  rm ${MOUNT}/large
  sync
  fstrim -v ${MOUNT}
  umount ${MOUNT}`;
