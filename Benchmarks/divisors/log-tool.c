// What a benchmark does to the log besides what it measures.
//
//   log-tool BOOTSTRAP create TOPIC PARTITIONS [NAME=VALUE...]    with these configs
//   log-tool BOOTSTRAP ends TOPIC PARTITIONS                      prints how many records were ever appended
//   log-tool BOOTSTRAP tasks TOPIC PARTITIONS COUNT EVENT NAME    appends tasks in the documented form for a function
#define _GNU_SOURCE
#include "clients.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static void create(const char *bootstrap, const char *name, int partitions, char **configs) {
  rd_kafka_t *client = new_client(RD_KAFKA_PRODUCER, bootstrap, NULL);
  rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(name, partitions, -1, NULL, 0);
  for (; *configs; configs++) {
    char *value = strchr(*configs, '=');
    if (!value) stop("'%s' is no NAME=VALUE", *configs);
    *value++ = 0;
    rd_kafka_NewTopic_set_config(topic, *configs, value);
  }
  rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
  rd_kafka_CreateTopics(client, &topic, 1, NULL, queue);
  rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 30000);
  if (!event || rd_kafka_event_error(event)) stop("create %s: %s", name, event ? rd_kafka_event_error_string(event) : "no answer");
  size_t count;
  const rd_kafka_topic_result_t **results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
  if (rd_kafka_topic_result_error(results[0])) stop("create %s: %s", name, rd_kafka_topic_result_error_string(results[0]));
}

static void print_ends(const char *bootstrap, const char *name, int partitions) {
  rd_kafka_t *client = new_client(RD_KAFKA_PRODUCER, bootstrap, NULL);
  int64_t sum = 0, low, high;
  for (int i = 0; i < partitions; i++) {
    rd_kafka_resp_err_t error = rd_kafka_query_watermark_offsets(client, name, i, &low, &high, 30000);
    if (error) stop("end of %s/%d: %s", name, i, rd_kafka_err2str(error));
    sum += high;
  }
  printf("%lld\n", (long long)sum);
}

static void make_uuid(uint8_t uuid[16]) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  uint64_t milliseconds = time.tv_sec * 1000ULL + time.tv_nsec / 1000000;
  if (getrandom(uuid, 16, 0) != 16) stop("getrandom");
  for (int i = 0; i < 6; i++) uuid[i] = milliseconds >> (40 - 8 * i);
  uuid[6] = 0x70 | (uuid[6] & 0x0f);
  uuid[8] = 0x80 | (uuid[8] & 0x3f);
}

static void print_uuid(const uint8_t uuid[16], char text[37]) {
  for (int i = 0, at = 0; i < 16; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text[at++] = '-';
    at += sprintf(text + at, "%02x", uuid[i]);
  }
}

// One record of `millrace.tasks` as any Kafka client may write it (docs/reference/topics.md).
static void append_task(rd_kafka_t *producer, const char *topic, int32_t partition, const char *event, const char *function) {
  uint8_t uuid[16];
  char id[37];
  make_uuid(uuid);
  print_uuid(uuid, id);
  const struct { const char *name, *value; } fields[] = {
      {"ce_specversion", "1.0"},     {"ce_id", id},           {"ce_source", "/millrace/benchmarks"},
      {"ce_type", "millrace.task"},  {"ce_schemaversion", "1"}, {"ce_function", function},
      {"content-type", "application/json"},
  };
  rd_kafka_headers_t *headers = rd_kafka_headers_new(8);
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
    rd_kafka_header_add(headers, fields[i].name, -1, fields[i].value, -1);
  for (;;) {
    rd_kafka_resp_err_t error = rd_kafka_producev(
        producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_KEY(id, 36),
        RD_KAFKA_V_VALUE((void *)event, strlen(event)), RD_KAFKA_V_HEADERS(headers),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    if (!error) return;
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) stop("produce: %s", rd_kafka_err2str(error));
    rd_kafka_poll(producer, 100);
  }
}

static void append_tasks(const char *bootstrap, const char *topic, int partitions, long count, const char *event,
                         const char *function) {
  rd_kafka_t *producer = new_producer(bootstrap, "5");
  for (long number = 0; number < count; number++) append_task(producer, topic, number % partitions, event, function);
  if (rd_kafka_flush(producer, 60000)) stop("tasks are left after 60 s");
}

int main(int count, char **words) {
  if (count < 5) stop("usage: log-tool BOOTSTRAP create|ends|tasks TOPIC PARTITIONS …");
  const char *bootstrap = words[1], *verb = words[2], *topic = words[3];
  int partitions = atoi(words[4]);
  if (!strcmp(verb, "create")) {
    create(bootstrap, topic, partitions, words + 5);
  } else if (!strcmp(verb, "ends")) {
    print_ends(bootstrap, topic, partitions);
  } else if (!strcmp(verb, "tasks") && count == 8) {
    append_tasks(bootstrap, topic, partitions, atol(words[5]), words[6], words[7]);
  } else {
    stop("log-tool: '%s' with %d words is none of its verbs", verb, count - 1);
  }
}
