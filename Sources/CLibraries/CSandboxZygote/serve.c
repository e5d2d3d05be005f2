#define _GNU_SOURCE
#include "CSandboxZygote.h"
#include <dlfcn.h>
#include <errno.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

struct zygote {
  void (*before_fork)(void);
  void (*after_fork_parent)(void);
  void (*after_fork_child)(void);
  int *thread_number;         /* where the C library keeps this thread's number */
  struct csandbox_filter filter;
};

static int prepare(struct zygote *zygote, struct csandbox_failure *failure) {
  *(void **)&zygote->before_fork = dlsym(RTLD_DEFAULT, "PyOS_BeforeFork");
  *(void **)&zygote->after_fork_parent = dlsym(RTLD_DEFAULT, "PyOS_AfterFork_Parent");
  *(void **)&zygote->after_fork_child = dlsym(RTLD_DEFAULT, "PyOS_AfterFork_Child");
  if (!zygote->before_fork || !zygote->after_fork_parent || !zygote->after_fork_child)
    return csandbox_fail(failure, "dlsym of Python's fork hooks", ENOSYS);
  if (prctl(PR_GET_TID_ADDRESS, &zygote->thread_number, 0, 0, 0) != 0 || !zygote->thread_number)
    return csandbox_fail(failure, "PR_GET_TID_ADDRESS", errno);
  /* The sandboxes must not hold the session keyring of the executor. */
  if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS)
    return csandbox_fail(failure, "KEYCTL_JOIN_SESSION_KEYRING", errno);
  return csandbox_make_filter(&zygote->filter, failure);
}

/* A request and its descriptors. 1, or 0 at the end of the stream, or -1. */
static int receive(int control, struct csandbox_request *request, struct csandbox_descriptors *descriptors,
                   struct csandbox_failure *failure) {
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof *descriptors)];
  } ancillary;
  struct iovec part = {request, sizeof *request};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = &ancillary, .msg_controllen = sizeof ancillary};
  ssize_t received;
  do received = recvmsg(control, &message, MSG_CMSG_CLOEXEC);
  while (received < 0 && errno == EINTR);
  if (received == 0) return 0;
  if (received < 0) return csandbox_fail(failure, "recvmsg", errno);
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  memset(descriptors, 0xff, sizeof *descriptors);
  if (received != (ssize_t)sizeof *request || !header || request->cgroup_count > CSANDBOX_CGROUPS ||
      header->cmsg_len != CMSG_LEN((3 + request->cgroup_count) * sizeof(int)))
    return csandbox_fail(failure, "request", EPROTO);
  memcpy(descriptors, CMSG_DATA(header), header->cmsg_len - CMSG_LEN(0));
  return 1;
}

/* The executor becomes the parent (CLONE_PARENT): it reaps the sandbox, and the sandbox dies with it. */
static int fork_sandbox(const struct zygote *zygote, const struct csandbox_request *request,
                        const struct csandbox_descriptors *descriptors, int *pidfd) {
  struct clone_args arguments;
  memset(&arguments, 0, sizeof arguments);
  arguments.flags = CLONE_PARENT | CLONE_PIDFD | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | CLONE_NEWNS | CLONE_NEWPID |
                    CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET;
  arguments.pidfd = (uintptr_t)pidfd;
  arguments.child_tid = (uintptr_t)zygote->thread_number;
  if (request->unified) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = (uint64_t)descriptors->cgroups[0];
  }
  return (int)syscall(SYS_clone3, &arguments, sizeof arguments);
}

/* A process may move itself without the lock that moving another one takes (milliseconds). */
static int enter_cgroups(const struct csandbox_request *request, const struct csandbox_descriptors *descriptors,
                         struct csandbox_failure *failure) {
  if (request->unified) return 0;
  for (unsigned i = 0; i < request->cgroup_count; i++)
    if (write(descriptors->cgroups[i], "0", 1) != 1) return csandbox_fail(failure, "write to a control group", errno);
  return 0;
}

static int isolate(const struct zygote *zygote, const struct csandbox_request *request,
                   struct csandbox_descriptors *descriptors, struct csandbox_failure *failure) {
  if (enter_cgroups(request, descriptors, failure) != 0) return -1;
  if (setsid() < 0) return csandbox_fail(failure, "setsid", errno);
  if (csandbox_build_world(request, descriptors->code, failure) != 0) return -1;
  if (csandbox_move_descriptors(descriptors, failure) != 0) return -1;
  if (csandbox_drop_privileges(request, failure) != 0) return -1;
  return csandbox_load_filter(&zygote->filter, failure);
}

static void report(int channel, const struct csandbox_failure *failure) {
  char frame[5 + 4 + CSANDBOX_STEP];
  uint32_t count = (uint32_t)strnlen(failure->step, CSANDBOX_STEP), length = 4 + count;
  memcpy(frame, &length, 4);
  frame[4] = CSANDBOX_FRAME_FAILED;
  memcpy(frame + 5, &failure->number, 4);
  memcpy(frame + 9, failure->step, count);
  ssize_t ignored = write(channel, frame, 9 + count);
  (void)ignored;
}

static int reply(int control, int process, int pidfd, const struct csandbox_failure *failure) {
  struct csandbox_reply reply = {.process = process, .number = failure->number};
  if (failure->step) snprintf(reply.step, sizeof reply.step, "%s", failure->step);
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } ancillary;
  memset(&ancillary, 0, sizeof ancillary);
  struct iovec part = {&reply, sizeof reply};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (pidfd >= 0) {
    message.msg_control = &ancillary;
    message.msg_controllen = sizeof ancillary;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &pidfd, sizeof pidfd);
  }
  return sendmsg(control, &message, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static void close_all(const struct csandbox_request *request, const struct csandbox_descriptors *descriptors) {
  close(descriptors->channel);
  close(descriptors->output);
  close(descriptors->code);
  for (unsigned i = 0; i < request->cgroup_count; i++) close(descriptors->cgroups[i]);
}

int csandbox_serve(int control) {
  struct zygote zygote;
  struct csandbox_request request;
  struct csandbox_descriptors descriptors;
  struct csandbox_failure failure = {NULL, 0};
  if (prepare(&zygote, &failure) != 0) {
    reply(control, -1, -1, &failure);
    return -1;
  }
  /* The first reply says that the zygote is ready. */
  if (reply(control, 0, -1, &failure) != 0) return -1;
  while (receive(control, &request, &descriptors, &failure) > 0) {
    int pidfd = -1;
    zygote.before_fork();
    int process = fork_sandbox(&zygote, &request, &descriptors, &pidfd);
    if (process == 0) {
      zygote.after_fork_child();
      if (isolate(&zygote, &request, &descriptors, &failure) == 0) return 0;
      report(descriptors.channel, &failure);
      _exit(125);
    }
    int number = errno;
    zygote.after_fork_parent();
    if (process < 0) csandbox_fail(&failure, "clone3 into new namespaces", number);
    close_all(&request, &descriptors);
    if (reply(control, process, pidfd, &failure) != 0) return -1;
    if (pidfd >= 0) close(pidfd);
    failure.step = NULL;
    failure.number = 0;
  }
  return -1;
}
