#include "clients.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { batch_limit = 1024, answer_bytes_limit = 8 << 20 };

void stop(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  exit(1);
}

int64_t now_nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int64_t cpu_nanoseconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000LL +
         (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000LL;
}

static void set(rd_kafka_conf_t *settings, const char *name, const char *value) {
  char text[256];
  if (rd_kafka_conf_set(settings, name, value, text, sizeof text) != RD_KAFKA_CONF_OK) stop("%s: %s", name, text);
}

static void on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *context) {
  (void)client, (void)context;
  if (message->err) stop("produce: %s", rd_kafka_err2str(message->err));
}

rd_kafka_t *new_client(rd_kafka_type_t type, const char *bootstrap, ...) {
  rd_kafka_conf_t *settings = rd_kafka_conf_new();
  set(settings, "bootstrap.servers", bootstrap);
  set(settings, "socket.nagle.disable", "true");
  va_list pairs;
  va_start(pairs, bootstrap);
  for (const char *name; (name = va_arg(pairs, const char *));) set(settings, name, va_arg(pairs, const char *));
  va_end(pairs);
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(settings, on_delivery);
  char text[256];
  rd_kafka_t *client = rd_kafka_new(type, settings, text, sizeof text);
  if (!client) stop("librdkafka: %s", text);
  return client;
}

rd_kafka_t *new_producer(const char *bootstrap, const char *linger_milliseconds) {
  return new_client(RD_KAFKA_PRODUCER, bootstrap, "acks", "all", "linger.ms", linger_milliseconds,
                    "queue.buffering.max.messages", "1000000", NULL);
}

rd_kafka_t *new_consumer(const char *bootstrap, const char *topic, int partitions, start_t start,
                         rd_kafka_topic_partition_list_t **positions) {
  rd_kafka_t *consumer =
      new_client(RD_KAFKA_CONSUMER, bootstrap, "group.id", "divisor", "enable.auto.commit", "false", "check.crcs", "true",
                 "fetch.wait.max.ms", "500", "queued.min.messages", "100000", NULL);
  rd_kafka_poll_set_consumer(consumer);
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
  for (int i = 0; i < partitions; i++) {
    int64_t low, high;
    rd_kafka_resp_err_t error = rd_kafka_query_watermark_offsets(consumer, topic, i, &low, &high, 10000);
    if (error) stop("offsets of %s/%d: %s", topic, i, rd_kafka_err2str(error));
    rd_kafka_topic_partition_list_add(list, topic, i)->offset = start == from_beginning ? low : high;
  }
  *positions = list;
  return consumer;
}

void begin_consuming(rd_kafka_t *consumer, rd_kafka_topic_partition_list_t *positions) {
  rd_kafka_resp_err_t error = rd_kafka_assign(consumer, positions);
  if (error) stop("assign: %s", rd_kafka_err2str(error));
  rd_kafka_topic_partition_list_destroy(positions);
}

rd_kafka_message_t *next_record(rd_kafka_t *consumer, int timeout_milliseconds) {
  rd_kafka_message_t *record = rd_kafka_consumer_poll(consumer, timeout_milliseconds);
  if (record && record->err) stop("consume: %s", rd_kafka_message_errstr(record));
  return record;
}

void append(rd_kafka_t *producer, rd_kafka_topic_t *topic, int32_t partition, const void *value, size_t length,
            const void *key, size_t key_length) {
  while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, (void *)value, length, key, key_length, NULL) != 0) {
    if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) stop("produce: %s", rd_kafka_err2str(rd_kafka_last_error()));
    rd_kafka_poll(producer, 100);
  }
}

static void write_all(int descriptor, struct iovec *parts, int count) {
  while (count > 0) {
    ssize_t written = writev(descriptor, parts, count);
    if (written < 0) stop("to the worker: %s", strerror(errno));
    while (count > 0 && (size_t)written >= parts->iov_len) written -= parts->iov_len, parts++, count--;
    if (count > 0) parts->iov_base = (char *)parts->iov_base + written, parts->iov_len -= written;
  }
}

// Reads at least `wanted` bytes; what has come besides stays in the buffer.
static size_t read_until(int descriptor, char *buffer, size_t have, size_t wanted) {
  if (wanted > answer_bytes_limit) stop("the worker answers %zu bytes", wanted);
  while (have < wanted) {
    ssize_t count = read(descriptor, buffer + have, answer_bytes_limit - have);
    if (count <= 0) stop("from the worker: %s", count ? strerror(errno) : "it has ended");
    have += count;
  }
  return have;
}

worker_t start_worker(const char *script) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) stop("socketpair: %s", strerror(errno));
  int pid = fork();
  if (pid < 0) stop("fork: %s", strerror(errno));
  if (pid == 0) {
    dup2(pair[1], 0);
    close(pair[0]), close(pair[1]);
    execl("/usr/bin/python3", "python3", "-I", "-S", script, (char *)NULL);
    stop("/usr/bin/python3: %s", strerror(errno));
  }
  close(pair[1]);
  worker_t worker = {.descriptor = pair[0], .pid = pid};
  slice_t answer;
  call_worker(&worker, &(slice_t){"{}", 2}, 1, &answer);
  return worker;
}

void call_worker(worker_t *worker, const slice_t *events, uint32_t count, slice_t *answers) {
  static uint32_t head[1 + batch_limit];
  static struct iovec parts[1 + batch_limit];
  static char buffer[answer_bytes_limit];
  if (count > batch_limit) stop("a batch of %u", count);
  head[0] = count;
  parts[0] = (struct iovec){head, 4 * (1 + count)};
  for (uint32_t i = 0; i < count; i++) {
    head[1 + i] = events[i].length;
    parts[1 + i] = (struct iovec){(void *)events[i].bytes, events[i].length};
  }
  write_all(worker->descriptor, parts, 1 + count);

  size_t at = 4 * (1 + (size_t)count);
  size_t have = read_until(worker->descriptor, buffer, 0, at), end = at;
  const uint32_t *lengths = (const uint32_t *)buffer;
  if (lengths[0] != count) stop("%u answers to %u events", lengths[0], count);
  for (uint32_t i = 0; i < count; i++) end += lengths[1 + i];
  read_until(worker->descriptor, buffer, have, end);
  for (uint32_t i = 0; i < count; i++) {
    answers[i] = (slice_t){buffer + at, lengths[1 + i]};
    at += lengths[1 + i];
  }
}
