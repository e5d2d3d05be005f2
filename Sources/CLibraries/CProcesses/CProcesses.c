#define _GNU_SOURCE
#include "CProcesses.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { stack_size = 256 * 1024 };

struct start {
  const struct cprocesses_request *request;
  struct cprocesses_failure *failure;
  pid_t parent;
};

/* The child shares the parent's memory until it executes, so it touches nothing but its stack and the failure. Identity is
   changed by raw system calls: the C library's functions would change the parent's other threads. */
static int fail(struct start *start, const char *step) {
  start->failure->step = step;
  start->failure->number = errno;
  return 127;
}

static int move_descriptors(const struct cprocesses_request *request) {
  int moved[request->descriptor_count + 1];
  for (unsigned i = 0; i < request->descriptor_count; i++) {
    int from = request->descriptors[i];
    if (from < 0) {
      int null = open("/dev/null", O_RDWR | O_CLOEXEC);
      if (null < 0) return -1;
      from = null;
    }
    /* First above all targets, so that no target overwrites a source. */
    moved[i] = fcntl(from, F_DUPFD_CLOEXEC, (int)request->descriptor_count);
    if (moved[i] < 0) return -1;
  }
  for (unsigned i = 0; i < request->descriptor_count; i++)
    if (dup2(moved[i], (int)i) < 0) return -1;
  return (int)syscall(SYS_close_range, request->descriptor_count, ~0U, 0);
}

static int default_signals(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; number++)
    if (number != SIGKILL && number != SIGSTOP && sigaction(number, &action, NULL) != 0 && errno != EINVAL) return -1;
  return 0;
}

static int run_child(void *argument) {
  struct start *start = argument;
  const struct cprocesses_request *request = start->request;
  if (default_signals() != 0) return fail(start, "sigaction");
  if (request->own_session && setsid() < 0) return fail(start, "setsid");
  if (request->prepare) {
    const char *step = "prepare";
    int number = request->prepare(request->preparation, &step);
    if (number != 0) {
      errno = number;
      return fail(start, step);
    }
  }
  if (move_descriptors(request) != 0) return fail(start, "dup2");
  /* After the descriptors have moved: the parent's may lie above the child's limit of open files. */
  for (unsigned i = 0; i < request->limit_count; i++)
    if (syscall(SYS_prlimit64, 0, request->limits[i].resource, &request->limits[i].value, NULL) != 0)
      return fail(start, "prlimit");
  if (request->has_identity) {
    if (syscall(SYS_setgroups, 0, NULL) != 0) return fail(start, "setgroups");
    if (syscall(SYS_setresgid, request->group, request->group, request->group) != 0) return fail(start, "setresgid");
    if (syscall(SYS_setresuid, request->user, request->user, request->user) != 0) return fail(start, "setresuid");
  }
  if (request->directory && chdir(request->directory) != 0) return fail(start, "chdir");
  /* After the identity, because changing that clears it. */
  if (request->death_signal && prctl(PR_SET_PDEATHSIG, request->death_signal) != 0) return fail(start, "prctl");
  if (request->death_signal && getppid() != start->parent) _exit(127); /* it died before the line above */
  sigset_t none;
  sigemptyset(&none);
  if (sigprocmask(SIG_SETMASK, &none, NULL) != 0) return fail(start, "sigprocmask");
  execvpe(request->program, request->arguments, request->environment);
  return fail(start, "execve");
}

int cprocesses_spawn(const struct cprocesses_request *request, int *pidfd, struct cprocesses_failure *failure) {
  struct start start = {request, failure, getpid()};
  failure->step = NULL;
  failure->number = 0;
  char *stack = mmap(NULL, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) {
    fail(&start, "mmap");
    return -1;
  }
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int pid = clone(run_child, stack + stack_size, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD | (int)request->namespaces, &start,
                  pidfd);
  if (pid < 0) fail(&start, "clone");
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  munmap(stack, stack_size);
  if (pid < 0 || failure->step == NULL) return pid;
  int code, status;
  while (cprocesses_reap(*pidfd, &code, &status) == 0) {
    siginfo_t info;
    waitid(P_PIDFD, (id_t)*pidfd, &info, WEXITED | WNOWAIT);
  }
  close(*pidfd);
  return -1;
}

int cprocesses_reap(int pidfd, int *code, int *status) {
  siginfo_t info;
  info.si_pid = 0;
  if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG) != 0) return errno == EINTR ? 0 : -1;
  if (info.si_pid == 0) return 0;
  *code = info.si_code;
  *status = info.si_status;
  return 1;
}

int cprocesses_signal(int pidfd, int signal) { return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0); }

int cprocesses_memory_file(const void *bytes, size_t count) {
  int file = memfd_create("input", MFD_CLOEXEC);
  if (file < 0) return -1;
  size_t done = 0;
  while (done < count) {
    ssize_t written = write(file, (const char *)bytes + done, count - done);
    if (written < 0) {
      int number = errno;
      close(file);
      errno = number;
      return -1;
    }
    done += (size_t)written;
  }
  if (lseek(file, 0, SEEK_SET) < 0) {
    close(file);
    return -1;
  }
  return file;
}
