/* What Glibc's Swift module lacks of Linux. Headers and one-line wrappers only: no logic.
   _GNU_SOURCE is never defined here (two definitions of fd_set would meet); what it hides is declared by hand. */
#pragma once
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int accept4(int, void *, void *, int);
int pipe2(int[2], int);
int syncfs(int);

/* Variadic in C, so not imported by Swift. */
static inline int clinux_set_thread_name(const char *name) { return prctl(PR_SET_NAME, name); }

int sync_file_range(int, off_t, off_t, unsigned);
/* Begins to write what is in memory of the file, and does not wait for it (SYNC_FILE_RANGE_WRITE, 2). */
static inline int clinux_begin_writing(int descriptor) { return sync_file_range(descriptor, 0, 0, 2); }

ssize_t preadv2(int, const struct iovec *, int, off_t, int);
/* Reads only what is in memory (RWF_NOWAIT, 8): EAGAIN where that is not all. */
static inline ssize_t clinux_read_cached(int descriptor, void *bytes, size_t count, off_t position) {
  struct iovec part = {bytes, count};
  return preadv2(descriptor, &part, 1, position, 8);
}
