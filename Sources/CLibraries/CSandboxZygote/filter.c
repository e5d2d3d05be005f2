#define _GNU_SOURCE
#include "CSandboxZygote.h"
#include "syscalls.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Two filters; the kernel takes the stricter answer. The first is the list of calls that exist: what is not on it is refused
   with EPERM where it is known to be dangerous and does not exist otherwise (ENOSYS), so that libraries fall back from calls
   newer than the list. The second refuses some arguments of calls on the list. Calls of another architecture kill. */

static int add_list(scmp_filter_ctx context, uint32_t action, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++) {
    int number = seccomp_syscall_resolve_name(names[i]);
    if (number < 0) continue; /* not of this architecture: ENOSYS */
    int result = seccomp_rule_add(context, action, number, 0);
    if (result != 0) return result;
  }
  return 0;
}

static int add_lists(scmp_filter_ctx context) {
  int result = add_list(context, SCMP_ACT_ALLOW, allowed, sizeof allowed / sizeof *allowed);
  return result != 0 ? result : add_list(context, SCMP_ACT_ERRNO(EPERM), refused, sizeof refused / sizeof *refused);
}

/* The kernel looks at the low half of these arguments only, so only that is compared: a filter that compared all of it
   could be passed by setting the other half. */
static int refuse_value(scmp_filter_ctx context, int number, unsigned argument, uint32_t mask, uint32_t value) {
  struct scmp_arg_cmp equal = {argument, SCMP_CMP_MASKED_EQ, mask, value};
  return seccomp_rule_add_array(context, SCMP_ACT_ERRNO(EPERM), number, 1, &equal);
}

static int add_arguments(scmp_filter_ctx context) {
  static const uint32_t namespaces[] = {CLONE_NEWNS,  CLONE_NEWPID,  CLONE_NEWIPC,    CLONE_NEWUTS,
                                        CLONE_NEWNET, CLONE_NEWUSER, CLONE_NEWCGROUP, 0x80 /* CLONE_NEWTIME */};
  static const uint32_t controls[] = {PR_SET_PDEATHSIG, PR_SET_MM, PR_SET_PTRACER};
  static const uint32_t requests[] = {TIOCSTI, TIOCLINUX, TIOCSETD, TIOCCONS};
  int result = 0;
  for (unsigned i = 0; i < sizeof namespaces / sizeof *namespaces && result == 0; i++)
    result = refuse_value(context, SCMP_SYS(clone), 0, namespaces[i], namespaces[i]);
  for (unsigned i = 0; i < sizeof controls / sizeof *controls && result == 0; i++)
    result = refuse_value(context, SCMP_SYS(prctl), 0, ~0U, controls[i]);
  for (unsigned i = 0; i < sizeof requests / sizeof *requests && result == 0; i++)
    result = refuse_value(context, SCMP_SYS(ioctl), 1, ~0U, requests[i]);
  /* Only AF_UNIX, AF_INET and AF_INET6; the comparison "greater" refuses a set upper half as well. */
  for (uint32_t family = 0; family < AF_INET6 && result == 0; family++)
    if (family != AF_UNIX && family != AF_INET) result = refuse_value(context, SCMP_SYS(socket), 0, ~0U, family);
  struct scmp_arg_cmp above = {0, SCMP_CMP_GT, AF_INET6, 0};
  if (result == 0) result = seccomp_rule_add_array(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1, &above);
  /* personality: asking (all ones) and the default are harmless. */
  for (int bit = 0; bit < 31 && result == 0; bit++)
    result = seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(personality), 1,
                              SCMP_A0(SCMP_CMP_MASKED_EQ, (1UL << bit) | (1UL << 31), 1UL << bit));
  return result;
}

static int export(scmp_filter_ctx context, struct csandbox_program *program) {
  int file = memfd_create("filter", MFD_CLOEXEC);
  if (file < 0) return -errno;
  int result = seccomp_export_bpf(context, file);
  off_t size = lseek(file, 0, SEEK_END);
  if (result == 0 && (size <= 0 || size % (off_t)sizeof(struct sock_filter) != 0)) result = -EPROTO;
  if (result == 0) {
    program->instructions = malloc((size_t)size);
    program->count = (size_t)size / sizeof(struct sock_filter);
    if (!program->instructions || pread(file, program->instructions, (size_t)size, 0) != size) result = -ENOMEM;
  }
  close(file);
  return result;
}

static int make(uint32_t otherwise, int (*add)(scmp_filter_ctx), struct csandbox_program *program) {
  scmp_filter_ctx context = seccomp_init(otherwise);
  if (!context) return -ENOMEM;
  int result = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  if (result == 0) result = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a binary tree, not a chain */
  if (result == 0) result = add(context);
  if (result == 0) result = export(context, program);
  seccomp_release(context);
  return result;
}

int csandbox_make_filter(struct csandbox_filter *filter, struct csandbox_failure *failure) {
  int result = make(SCMP_ACT_ERRNO(ENOSYS), add_lists, &filter->programs[0]);
  if (result != 0) return csandbox_fail(failure, "seccomp filter of calls", -result);
  result = make(SCMP_ACT_ALLOW, add_arguments, &filter->programs[1]);
  if (result != 0) return csandbox_fail(failure, "seccomp filter of arguments", -result);
  return 0;
}

int csandbox_load_filter(const struct csandbox_filter *filter, struct csandbox_failure *failure) {
  /* The list forbids loading more filters from outside of it (seccomp is not on it), so it comes last. */
  for (int i = 1; i >= 0; i--) {
    struct sock_fprog program = {(unsigned short)filter->programs[i].count, filter->programs[i].instructions};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
      return csandbox_fail(failure, "seccomp", errno);
  }
  return 0;
}
