#define _GNU_SOURCE
#include "CSandbox.h"
#include "mounts.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* From <sys/mount.h>, which does not go together with <linux/mount.h>. */
int mount(const char *, const char *, const char *, unsigned long, const void *);
int umount2(const char *, int);
enum { recursive_private = 0x4000 | 0x40000, detach = 2, nosuid_nodev = 2 | 4 };

/* Where the new root is put together; what lies below is hidden from this process only. */
static const char stage[] = "/tmp";

static int make_parents(char *path) {
  for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    int made = mkdir(path, 0755);
    *slash = '/';
    if (made != 0 && errno != EEXIST) return -1;
  }
  return 0;
}

static int make_file(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (file < 0) return -1;
  size_t count = strlen(text);
  ssize_t written = write(file, text, count);
  close(file);
  return written == (ssize_t)count ? 0 : -1;
}

/* A detached copy of the source's mounts, made before the stage hides anything. */
static int clone_source(const struct csandbox_operation *operation) {
  int is_device = operation->kind == CSANDBOX_DEVICE;
  int tree = open_tree_(AT_FDCWD, operation->source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (is_device ? 0 : AT_RECURSIVE));
  if (tree < 0) return -1;
  struct mount_attr attributes = {
      .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | (is_device ? MOUNT_ATTR_NOEXEC : MOUNT_ATTR_NODEV),
      .propagation = 0x40000 /* MS_PRIVATE */,
  };
  if (mount_setattr_(tree, "", AT_EMPTY_PATH | (is_device ? 0 : AT_RECURSIVE), &attributes) != 0) {
    int number = errno;
    close(tree);
    errno = number;
    return -1;
  }
  return tree;
}

static int place(const struct csandbox_operation *operation, int tree) {
  char path[PATH_MAX];
  if (snprintf(path, sizeof path, "%s%s", stage, operation->target) >= (int)sizeof path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  if (make_parents(path) != 0) return -1;
  switch (operation->kind) {
  case CSANDBOX_DIRECTORY:
    return mkdir(path, 0755) == 0 || errno == EEXIST ? 0 : -1;
  case CSANDBOX_FILE:
    return make_file(path, operation->source);
  case CSANDBOX_SYMLINK:
    return symlink(operation->source, path);
  case CSANDBOX_BIND: {
    struct stat status;
    if (fstatat(tree, "", &status, AT_EMPTY_PATH) != 0) return -1;
    int made = S_ISDIR(status.st_mode) ? mkdir(path, 0755) : make_file(path, "");
    if (made != 0 && errno != EEXIST) return -1;
    return move_mount_(tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
  }
  case CSANDBOX_DEVICE:
    if (make_file(path, "") != 0) return -1;
    return move_mount_(tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
  }
  errno = EINVAL;
  return -1;
}

static int fill(const struct csandbox_root *root, const int *trees, const char **step) {
  for (unsigned i = 0; i < root->count; i++) {
    *step = root->operations[i].target;
    if (place(&root->operations[i], trees[i]) != 0) return errno;
    if (trees[i] >= 0) close(trees[i]);
  }
  return 0;
}

static int change_root(const char **step) {
  *step = "chdir to the new root";
  if (chdir(stage) != 0) return errno;
  *step = "pivot_root";
  if (syscall(SYS_pivot_root, ".", ".") != 0) return errno;
  *step = "umount2 of the old root";
  if (umount2(".", detach) != 0) return errno;
  *step = "chdir to /";
  if (chdir("/") != 0) return errno;
  *step = "mount_setattr of the new root";
  struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV};
  return mount_setattr_(AT_FDCWD, "/", 0, &attributes) == 0 ? 0 : errno;
}

int csandbox_enter_root(void *context, const char **step) {
  const struct csandbox_root *root = context;
  int trees[CSANDBOX_OPERATIONS];
  *step = "count of operations";
  if (root->count > CSANDBOX_OPERATIONS) return E2BIG;
  *step = "mount of / as private";
  if (mount(NULL, "/", NULL, recursive_private, NULL) != 0) return errno;
  for (unsigned i = 0; i < root->count; i++) {
    const struct csandbox_operation *operation = &root->operations[i];
    *step = operation->source;
    int is_mount = operation->kind == CSANDBOX_BIND || operation->kind == CSANDBOX_DEVICE;
    trees[i] = is_mount ? clone_source(operation) : -1;
    if (is_mount && trees[i] < 0) return errno;
  }
  *step = "mount of the new root's tmpfs";
  if (mount("tmpfs", stage, "tmpfs", nosuid_nodev, "mode=0755,size=1m") != 0) return errno;
  umask(022);
  int number = fill(root, trees, step);
  return number != 0 ? number : change_root(step);
}

int csandbox_code_mount(const char *directory, struct csandbox_failure *failure) {
  int tree = open_tree_(AT_FDCWD, directory, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (tree < 0) return csandbox_fail(failure, "open_tree of the code", errno);
  struct mount_attr attributes = {
      .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
      .propagation = 0x40000 /* MS_PRIVATE */,
  };
  if (mount_setattr_(tree, "", AT_EMPTY_PATH, &attributes) == 0) return tree;
  csandbox_fail(failure, "mount_setattr of the code", errno);
  close(tree);
  return -1;
}
