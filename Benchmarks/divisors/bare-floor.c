// The divisor of goal 2, what a durable call costs at least: TCP client → append and fdatasync → executor → Python worker →
// append and fdatasync → client, with a thread each for the connection and the executor.
//
//   bare-floor DIRECTORY WORKER_SCRIPT EVENT WARM COUNT
//
// Prints the nanoseconds of each of COUNT calls, one a line, after WARM that are not printed. The files grow as any log's do.
#define _GNU_SOURCE
#include "clients.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { event_limit = 65536 };

// One call at a time: the connection's thread hands the event over and is handed the answer.
typedef struct {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  char bytes[event_limit];
  size_t count;
  enum { nothing, event, answer } holds;
} exchange_t;

static exchange_t exchange = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
static int tasks_file, results_file;
static const char *worker_script;

static int open_log(const char *directory, const char *name) {
  char *path;
  if (asprintf(&path, "%s/%s", directory, name) < 0) stop("asprintf");
  int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) stop("%s: %s", path, strerror(errno));
  return file;
}

static void append_durably(int file, const void *bytes, size_t count) {
  if (write(file, bytes, count) != (ssize_t)count) stop("append: %s", strerror(errno));
  if (fdatasync(file)) stop("fdatasync: %s", strerror(errno));
}

static void *execute(void *context) {
  worker_t worker = start_worker(worker_script);
  for (;;) {
    pthread_mutex_lock(&exchange.mutex);
    while (exchange.holds != event) pthread_cond_wait(&exchange.changed, &exchange.mutex);
    pthread_mutex_unlock(&exchange.mutex);
    slice_t result;
    call_worker(&worker, &(slice_t){exchange.bytes, exchange.count}, 1, &result);
    append_durably(results_file, result.bytes, result.length);
    if (result.length > event_limit) stop("an answer of %u bytes", result.length);
    pthread_mutex_lock(&exchange.mutex);
    memcpy(exchange.bytes, result.bytes, exchange.count = result.length);
    exchange.holds = answer;
    pthread_cond_broadcast(&exchange.changed);
    pthread_mutex_unlock(&exchange.mutex);
  }
  return context;
}

static void call_executor(const char *bytes, size_t count) {
  pthread_mutex_lock(&exchange.mutex);
  memcpy(exchange.bytes, bytes, exchange.count = count);
  exchange.holds = event;
  pthread_cond_broadcast(&exchange.changed);
  while (exchange.holds != answer) pthread_cond_wait(&exchange.changed, &exchange.mutex);
  exchange.holds = nothing;
  pthread_mutex_unlock(&exchange.mutex);
}

// A frame either way: its length, the bytes.
static size_t read_frame(int connection, char *bytes) {
  uint32_t length = 0;
  ssize_t count = recv(connection, &length, sizeof length, MSG_WAITALL);
  if (count == 0) exit(0);
  if (count != sizeof length || length > event_limit) stop("a frame of %u bytes", length);
  if (recv(connection, bytes, length, MSG_WAITALL) != (ssize_t)length) stop("read: %s", strerror(errno));
  return length;
}

static void write_frame(int connection, const char *bytes, size_t count) {
  char frame[4 + event_limit];
  memcpy(frame, &(uint32_t){count}, 4);
  memcpy(frame + 4, bytes, count);
  if (write(connection, frame, 4 + count) != (ssize_t)(4 + count)) stop("write: %s", strerror(errno));
}

static _Noreturn void serve(int listener) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pthread_t executor;
  if (pthread_create(&executor, NULL, execute, NULL)) stop("pthread_create");
  int connection = accept(listener, NULL, NULL), on = 1;
  if (connection < 0) stop("accept: %s", strerror(errno));
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  static char bytes[event_limit];
  for (;;) {
    size_t count = read_frame(connection, bytes);
    append_durably(tasks_file, bytes, count);
    call_executor(bytes, count);
    write_frame(connection, exchange.bytes, exchange.count);
  }
}

int main(int count, char **words) {
  if (count != 6) stop("usage: bare-floor DIRECTORY WORKER_SCRIPT EVENT WARM COUNT");
  const char *event = words[3];
  long warm = atol(words[4]), calls = atol(words[5]);
  worker_script = words[2];
  tasks_file = open_log(words[1], "tasks"), results_file = open_log(words[1], "results");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1)) stop("listen: %s", strerror(errno));
  getsockname(listener, (struct sockaddr *)&address, &length);
  if (fork() == 0) serve(listener);

  int connection = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(connection, (struct sockaddr *)&address, length)) stop("connect: %s", strerror(errno));
  static char bytes[event_limit];
  int64_t *samples = calloc(calls, sizeof *samples);
  for (long number = -warm; number < calls; number++) {
    int64_t start = now_nanoseconds();
    write_frame(connection, event, strlen(event));
    read_frame(connection, bytes);
    if (number >= 0) samples[number] = now_nanoseconds() - start;
  }
  for (long number = 0; number < calls; number++) printf("%lld\n", (long long)samples[number]);
}
