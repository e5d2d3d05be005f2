#define _GNU_SOURCE
#include "CSandboxZygote.h"
#include "../CSandbox/mounts.h"
#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

int mount(const char *, const char *, const char *, unsigned long, const void *);
enum { nosuid = 2, nodev = 4, noexec = 8 };

/* What the sandbox sees beyond its zygote's root: processes, /tmp, the code. */
int csandbox_build_world(const struct csandbox_request *request, int code, struct csandbox_failure *failure) {
  if (mount("proc", "/proc", "proc", nosuid | nodev | noexec, "hidepid=invisible,subset=pid") != 0)
    return csandbox_fail(failure, "mount of /proc", errno);
  char options[128];
  snprintf(options, sizeof options, "mode=0700,size=%llu,nr_inodes=%llu,uid=%u,gid=%u",
           (unsigned long long)request->temporary_bytes, (unsigned long long)request->temporary_inodes, request->user,
           request->group);
  if (mount("tmpfs", "/tmp", "tmpfs", nosuid | nodev, options) != 0)
    return csandbox_fail(failure, "mount of /tmp", errno);
  if (move_mount_(code, "", AT_FDCWD, "/var/task", MOVE_MOUNT_F_EMPTY_PATH) != 0)
    return csandbox_fail(failure, "move_mount of the code", errno);
  if (sethostname(request->hostname, strnlen(request->hostname, sizeof request->hostname)) != 0)
    return csandbox_fail(failure, "sethostname", errno);
  if (setdomainname("", 0) != 0) return csandbox_fail(failure, "setdomainname", errno);
  return 0;
}

/* 0 null, 1 and 2 the output, 3 the channel, nothing else. */
int csandbox_move_descriptors(struct csandbox_descriptors *descriptors, struct csandbox_failure *failure) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) return csandbox_fail(failure, "open of /dev/null", errno);
  int sources[4] = {null, descriptors->output, descriptors->output, descriptors->channel};
  for (int i = 0; i < 4; i++) {
    sources[i] = fcntl(sources[i], F_DUPFD_CLOEXEC, 16);
    if (sources[i] < 0) return csandbox_fail(failure, "fcntl", errno);
  }
  descriptors->channel = sources[3];
  for (int i = 0; i < 4; i++)
    if (dup3(sources[i], i, i == 3 ? O_CLOEXEC : 0) != i) return csandbox_fail(failure, "dup3", errno);
  descriptors->channel = 3;
  if (syscall(SYS_close_range, 4, ~0U, 0) != 0) return csandbox_fail(failure, "close_range", errno);
  return 0;
}

static int set_limits(struct csandbox_failure *failure) {
  static const struct {
    int resource;
    rlim_t value;
  } limits[] = {
      {RLIMIT_CORE, 0},           {RLIMIT_NOFILE, 1024},   {RLIMIT_MEMLOCK, 64 << 10}, {RLIMIT_MSGQUEUE, 0},
      {RLIMIT_SIGPENDING, 1024},  {RLIMIT_RTPRIO, 0},      {RLIMIT_NICE, 0},           {RLIMIT_STACK, 8 << 20},
  };
  for (unsigned i = 0; i < sizeof limits / sizeof *limits; i++) {
    struct rlimit now;
    if (getrlimit(limits[i].resource, &now) != 0) return csandbox_fail(failure, "getrlimit", errno);
    /* Never above the hard limit that the executor itself has. */
    rlim_t value = limits[i].value < now.rlim_max ? limits[i].value : now.rlim_max;
    struct rlimit wanted = {value, value};
    if (setrlimit(limits[i].resource, &wanted) != 0) return csandbox_fail(failure, "setrlimit", errno);
  }
  return 0;
}

static int drop_capabilities(struct csandbox_failure *failure) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct none[2];
  memset(none, 0, sizeof none);
  if (syscall(SYS_capset, &header, none) != 0) return csandbox_fail(failure, "capset", errno);
  struct __user_cap_data_struct left[2];
  if (syscall(SYS_capget, &header, left) != 0) return csandbox_fail(failure, "capget", errno);
  if (memcmp(left, none, sizeof none) != 0) return csandbox_fail(failure, "capget: capabilities are left", EPERM);
  return 0;
}

int csandbox_drop_privileges(const struct csandbox_request *request, struct csandbox_failure *failure) {
  if (set_limits(failure) != 0) return -1;
  for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return csandbox_fail(failure, "PR_CAPBSET_DROP", errno);
  unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
                       SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
  if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) != 0) return csandbox_fail(failure, "PR_SET_SECUREBITS", errno);
  if (syscall(SYS_setgroups, 0, NULL) != 0) return csandbox_fail(failure, "setgroups", errno);
  if (syscall(SYS_setresgid, request->group, request->group, request->group) != 0)
    return csandbox_fail(failure, "setresgid", errno);
  if (syscall(SYS_setresuid, request->user, request->user, request->user) != 0)
    return csandbox_fail(failure, "setresuid", errno);
  if (drop_capabilities(failure) != 0) return -1;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return csandbox_fail(failure, "PR_SET_NO_NEW_PRIVS", errno);
  /* Changing the user made /proc/self root's; give it back. Core files stay impossible by the limit above. */
  if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) return csandbox_fail(failure, "PR_SET_DUMPABLE", errno);
  /* After the change of user, which clears it; the filter keeps the sandbox from taking it back. */
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return csandbox_fail(failure, "PR_SET_PDEATHSIG", errno);
  return 0;
}
