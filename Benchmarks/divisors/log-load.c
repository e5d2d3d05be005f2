// Load on a broker, and what it takes for it.
//
//   log-load BOOTSTRAP produce TOPIC PARTITIONS plain|idempotent MEBIBYTES
//       appends so much in records of 1 KiB, acks=all, all acknowledged; prints nanoseconds and bytes
//   log-load BOOTSTRAP hop TOPIC RATE WARM COUNT
//       a record to the topic and back from it, RATE a second (0: as fast as it goes), in this process; prints the nanoseconds
//       of each of COUNT, one a line, after WARM that are not printed
//   log-load BOOTSTRAP consume TOPIC PARTITIONS COUNT
//       COUNT consumers that wait for records until this process is killed; says so when all of them wait
//   log-load BOOTSTRAP await TOPIC PARTITIONS
//       waits until the broker, which listens, serves every partition; prints the monotonic time
#define _GNU_SOURCE
#include "clients.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum { record_bytes = 1024, records_a_mebibyte = 1024, warm_records = 2000 };

static void append_all(rd_kafka_t *producer, rd_kafka_topic_t *topic, int partitions, long records) {
  static uint8_t value[record_bytes];
  if (getrandom(value, sizeof value, 0) != sizeof value) stop("getrandom: %s", strerror(errno));
  for (long number = 0; number < records; number++) {
    memcpy(value, &number, sizeof number);
    append(producer, topic, number % partitions, value, sizeof value, NULL, 0);
    if (number % 1000 == 0) rd_kafka_poll(producer, 0);
  }
  while (rd_kafka_outq_len(producer) > 0) rd_kafka_poll(producer, 1000);
}

static void produce(const char *bootstrap, const char *name, int partitions, const char *mode, long mebibytes) {
  const char *idempotence = strcmp(mode, "idempotent") ? "false" : "true";
  rd_kafka_t *producer = new_client(RD_KAFKA_PRODUCER, bootstrap, "acks", "all", "linger.ms", "5", "enable.idempotence",
                                    idempotence, "message.timeout.ms", "300000", NULL);
  rd_kafka_topic_t *topic = rd_kafka_topic_new(producer, name, NULL);
  append_all(producer, topic, partitions, warm_records);
  long records = mebibytes * records_a_mebibyte;
  int64_t start = now_nanoseconds();
  append_all(producer, topic, partitions, records);
  printf("%lld %lld\n", (long long)(now_nanoseconds() - start), (long long)records * record_bytes);
}

static void sleep_until(int64_t nanoseconds) {
  struct timespec time = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) {}
}

static void hop(const char *bootstrap, const char *name, long rate, long warm, long count) {
  rd_kafka_topic_partition_list_t *positions;
  rd_kafka_t *consumer = new_consumer(bootstrap, name, 1, from_end, &positions);
  begin_consuming(consumer, positions);
  rd_kafka_t *producer = new_producer(bootstrap, "0");
  rd_kafka_topic_t *topic = rd_kafka_topic_new(producer, name, NULL);
  int64_t *samples = calloc(count, sizeof *samples), next = now_nanoseconds();
  for (long number = -warm; number < count; number++) {
    if (rate > 0 && number >= 0) sleep_until(next += 1000000000 / rate);
    else next = now_nanoseconds();
    int64_t start = now_nanoseconds();
    append(producer, topic, 0, "{}", 2, &number, sizeof number);
    rd_kafka_message_t *record = next_record(consumer, 30000);
    if (!record) stop("no record after 30 s");
    if (record->key_len != sizeof number || memcmp(record->key, &number, sizeof number)) stop("another record");
    rd_kafka_message_destroy(record);
    if (number >= 0) samples[number] = now_nanoseconds() - start;
    rd_kafka_poll(producer, 0);
  }
  for (long number = 0; number < count; number++) printf("%lld\n", (long long)samples[number]);
}

static _Noreturn void consume(const char *bootstrap, const char *topic, int partitions, int count) {
  for (int i = 0; i < count; i++) {
    rd_kafka_topic_partition_list_t *positions;
    rd_kafka_t *consumer = new_consumer(bootstrap, topic, partitions, from_end, &positions);
    begin_consuming(consumer, positions);
  }
  puts("waiting");
  fflush(stdout);
  for (;;) pause();
}

static int serves_all(const rd_kafka_metadata_t *metadata, int partitions) {
  const rd_kafka_metadata_topic_t *topic = &metadata->topics[0];
  if (metadata->topic_cnt != 1 || topic->err || topic->partition_cnt != partitions) return 0;
  for (int i = 0; i < partitions; i++)
    if (topic->partitions[i].err || topic->partitions[i].leader < 0) return 0;
  return 1;
}

static void await(const char *bootstrap, const char *name, int partitions) {
  rd_kafka_t *client = new_client(RD_KAFKA_PRODUCER, bootstrap, NULL);
  rd_kafka_topic_t *topic = rd_kafka_topic_new(client, name, NULL);
  for (int64_t give_up = now_nanoseconds() + 300 * 1000000000LL; now_nanoseconds() < give_up;) {
    const rd_kafka_metadata_t *metadata;
    if (rd_kafka_metadata(client, 0, topic, &metadata, 1000)) continue;
    int served = serves_all(metadata, partitions);
    rd_kafka_metadata_destroy(metadata);
    if (served) {
      printf("%lld\n", (long long)now_nanoseconds());
      return;
    }
    usleep(2000);
  }
  stop("%s is not served after 300 s", name);
}

int main(int count, char **words) {
  if (count < 5) stop("usage: log-load BOOTSTRAP produce|hop|consume|await TOPIC …");
  const char *bootstrap = words[1], *verb = words[2], *topic = words[3];
  long number = atol(words[4]);
  if (!strcmp(verb, "produce") && count == 7) {
    produce(bootstrap, topic, number, words[5], atol(words[6]));
  } else if (!strcmp(verb, "hop") && count == 7) {
    hop(bootstrap, topic, number, atol(words[5]), atol(words[6]));
  } else if (!strcmp(verb, "consume") && count == 6) {
    consume(bootstrap, topic, number, atoi(words[5]));
  } else if (!strcmp(verb, "await") && count == 5) {
    await(bootstrap, topic, number);
  } else {
    stop("log-load: '%s' with %d words is none of its verbs", verb, count - 1);
  }
  fflush(stdout);
  _exit(0);
}
