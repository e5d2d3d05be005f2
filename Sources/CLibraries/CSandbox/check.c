#define _GNU_SOURCE
#include "CSandbox.h"
#include "mounts.h"
#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

int mount(const char *, const char *, const char *, unsigned long, const void *);

static int try_world(void *context) {
  struct csandbox_failure *failure = context;
  if (mount(NULL, "/", NULL, 0x4000 | 0x40000, NULL) != 0) return csandbox_fail(failure, "mount of / as private", errno);
  if (mount("tmpfs", "/tmp", "tmpfs", 2 | 4, "mode=0700,size=65536,nr_inodes=16") != 0)
    return csandbox_fail(failure, "mount of a tmpfs", errno);
  if (mount("proc", "/proc", "proc", 2 | 4 | 8, "hidepid=invisible,subset=pid") != 0)
    return csandbox_fail(failure, "mount of /proc with subset=pid", errno);
  int tree = csandbox_code_mount("/usr", failure);
  if (tree < 0) return -1;
  if (move_mount_(tree, "", AT_FDCWD, "/tmp", MOVE_MOUNT_F_EMPTY_PATH) != 0)
    return csandbox_fail(failure, "move_mount", errno);
  uint32_t action = SECCOMP_RET_KILL_PROCESS;
  if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) != 0)
    return csandbox_fail(failure, "seccomp with SECCOMP_RET_KILL_PROCESS", errno);
  if (syscall(SYS_close_range, 1000000, 1000001, 0) != 0) return csandbox_fail(failure, "close_range", errno);
  return 0;
}

int csandbox_check(struct csandbox_failure *failure) {
  enum { size = 256 * 1024 };
  failure->step = NULL;
  failure->number = 0;
  char *stack = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return csandbox_fail(failure, "mmap", errno);
  int flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET;
  int process = clone(try_world, stack + size, CLONE_VM | CLONE_VFORK | SIGCHLD | flags, failure);
  int number = errno;
  munmap(stack, size);
  if (process < 0) return csandbox_fail(failure, "clone into new mount, PID, IPC, UTS and network namespaces", number);
  while (waitpid(process, NULL, 0) < 0 && errno == EINTR) {
  }
  return failure->step ? -1 : 0;
}

int csandbox_open_process(int process) { return (int)syscall(SYS_pidfd_open, process, 0); }
