/* Starting a child process: what posix_spawn cannot say (user, closed descriptors, parent-death signal, limits, a pidfd).
   Every step is checked; the first that fails is named and nothing is left behind. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

struct cprocesses_limit {
  int resource;             /* RLIMIT_… */
  struct rlimit value;
};

struct cprocesses_request {
  const char *program;      /* a path; without a slash it is looked up in the parent's PATH */
  char *const *arguments;   /* NULL-terminated, the first is the name */
  char *const *environment; /* NULL-terminated, all of it */
  const char *directory;    /* NULL: the parent's */
  const int *descriptors;   /* the parent's descriptor for the child's 0, 1, 2 …; -1 is /dev/null */
  unsigned descriptor_count;
  int own_session;          /* setsid: a process group of its own, no terminal */
  int death_signal;         /* sent when the thread that started it ends; 0: none */
  int has_identity;         /* change to the user and group below, with no further groups */
  uint32_t user, group;
  const struct cprocesses_limit *limits;
  unsigned limit_count;
  uint64_t namespaces;      /* CLONE_NEW… flags of namespaces made for it */
  /* Runs in the child before its descriptors and identity are changed; NULL: nothing. It shares the parent's memory, so it
     makes system calls and touches only its stack and what `preparation` points to. Answers 0, or an errno and the step. */
  int (*prepare)(void *preparation, const char **step);
  void *preparation;
};

struct cprocesses_failure {
  const char *step;         /* the call that failed; static */
  int number;               /* its errno */
};

/* Starts the process; returns its pid and stores a pidfd (close-on-exec), or returns -1 and says which step failed. The
   caller waits until the program has been executed, so a missing program is an error here and not an exit status.
   Descriptors beyond the chosen ones are closed in the child, signal handlers and mask are the default. */
int cprocesses_spawn(const struct cprocesses_request *request, int *pidfd, struct cprocesses_failure *failure);

/* Reaps the process of a pidfd if it has ended. 1: ended, `code` is CLD_EXITED, CLD_KILLED or CLD_DUMPED and `status` the
   exit code or signal. 0: still running. -1: errno. */
int cprocesses_reap(int pidfd, int *code, int *status);

/* Signals the process of a pidfd; never another one that has got its number since. */
int cprocesses_signal(int pidfd, int signal);

/* An anonymous file holding the bytes, read from its start. Close-on-exec. -1: errno. */
int cprocesses_memory_file(const void *bytes, size_t count);
