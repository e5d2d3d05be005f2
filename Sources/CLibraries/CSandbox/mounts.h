/* The mount calls that Debian 12's C library has no wrappers for, or hides. */
#pragma once
#include <fcntl.h>
#include <linux/mount.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int open_tree_(int directory, const char *path, unsigned flags) {
  return (int)syscall(SYS_open_tree, directory, path, flags);
}
static inline int move_mount_(int from, const char *path, int to, const char *target, unsigned flags) {
  return (int)syscall(SYS_move_mount, from, path, to, target, flags);
}
static inline int mount_setattr_(int directory, const char *path, unsigned flags, struct mount_attr *attributes) {
  return (int)syscall(SYS_mount_setattr, directory, path, flags, attributes, sizeof *attributes);
}
