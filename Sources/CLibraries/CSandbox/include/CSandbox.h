/* The kernel's half of the sandbox. Small on purpose: this is what an audit reads.

   Here is the executor's part: it prepares a zygote's root, makes code mounts and sends requests. The zygote's part
   (CSandboxZygote) is loaded by an idle Python interpreter as a library and serves those requests, forking itself into new
   namespaces.
   Every step is checked; the first that fails is named, and nothing runs with less isolation than all of it. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct csandbox_failure {
  const char *step;           /* static text: the call that failed */
  int number;                 /* its errno */
};

/* ---- root.c: the file system of a zygote ---- */

enum csandbox_kind {
  CSANDBOX_DIRECTORY,         /* an empty folder at target */
  CSANDBOX_BIND,              /* source, with what is mounted below it, at target: read-only, no setuid, no devices */
  CSANDBOX_DEVICE,            /* the device node source at target: no setuid, no execution */
  CSANDBOX_FILE,              /* a new file at target that holds the text source */
  CSANDBOX_SYMLINK,           /* a link at target to source */
};

struct csandbox_operation {
  enum csandbox_kind kind;
  const char *source;
  const char *target;         /* absolute; its parents are made */
};

struct csandbox_root {
  const struct csandbox_operation *operations;
  unsigned count;             /* at most CSANDBOX_OPERATIONS */
};

enum { CSANDBOX_OPERATIONS = 64, CSANDBOX_CGROUPS = 4, CSANDBOX_STEP = 56,
       CSANDBOX_MOUNT_NAMESPACE = 0x20000 /* CLONE_NEWNS */ };

/* Replaces the root of the calling process, which must have a mount namespace of its own, by a read-only tmpfs filled by
   the operations; the old root is gone. `context` is a struct csandbox_root. Answers 0, or an errno and the step. */
int csandbox_enter_root(void *context, const char **step);

/* A detached, private, read-only mount of a folder, without setuid and devices. The caller closes it. -1: failure. */
int csandbox_code_mount(const char *directory, struct csandbox_failure *failure);

/* ---- check.c ---- */

/* Tries in a throw-away process what every sandbox needs: 0, or -1 and the step that is impossible here. */
int csandbox_check(struct csandbox_failure *failure);

/* A pidfd of a process, close-on-exec; -1: errno. */
int csandbox_open_process(int process);

/* ---- messages.c: between executor and zygote, over a SOCK_SEQPACKET pair ---- */

struct csandbox_request {
  uint32_t user, group;
  uint64_t temporary_bytes, temporary_inodes; /* of /tmp */
  uint32_t unified;           /* 1: one descriptor of a version 2 group's folder; 0: version 1 `tasks` files */
  uint32_t cgroup_count;
  char hostname[64];
};

/* What the request's descriptors are, in this order. */
struct csandbox_descriptors {
  int channel;                /* the sandbox's end of its socket: becomes 3 */
  int output;                 /* becomes 1 and 2 */
  int code;                   /* from csandbox_code_mount: moved to /var/task */
  int cgroups[CSANDBOX_CGROUPS];
};

struct csandbox_reply {
  int32_t process;            /* the pid in the executor's namespace, or -1 */
  int32_t number;             /* errno of the failure */
  char step[CSANDBOX_STEP];
};

/* Sends without blocking. 0, or an errno (EAGAIN: later). */
int csandbox_send_request(int socket, const struct csandbox_request *request, const struct csandbox_descriptors *descriptors);
/* Receives without blocking: 1, or 0 at the end of the stream, or -errno. `pidfd` is the caller's, -1 after a failure. */
int csandbox_receive_reply(int socket, struct csandbox_reply *reply, int *pidfd);

static inline int csandbox_fail(struct csandbox_failure *failure, const char *step, int number) {
  failure->step = step;
  failure->number = number;
  return -1;
}
