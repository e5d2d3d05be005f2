// A client of the broker under audit: says on its output, a line each, what the broker has promised it.
//
//   chaos-client produce BOOTSTRAP TOPIC PARTITIONS NAME idempotent|plain [COUNT]
//       A PARTITION OFFSET NUMBER        for each acknowledged record
//   chaos-client consume BOOTSTRAP GROUP TOPIC NAME [INSTANCE]
//       B PARTITION OFFSET ASKED         where it begins (-1001: nothing was committed), and when it asked
//       C PARTITION OFFSET ANSWERED      for each commit that was acknowledged, and when
//       S PARTITION OFFSET NAME/NUMBER   for each record that it was shown
//   chaos-client dump BOOTSTRAP TOPIC PARTITION
//       R OFFSET NAME/NUMBER             for each record there is
//   chaos-client committed BOOTSTRAP GROUP TOPIC PARTITIONS
//       P PARTITION OFFSET
//   chaos-client create|delete BOOTSTRAP TOPIC PARTITIONS       ends with 0 where it is so now, and with 1 where nobody knows
//   chaos-client topics BOOTSTRAP                               T NAME for each topic there is
//
// Times are nanoseconds of one clock. SIGTERM ends the first two: what is under way is waited for, and only what is acknowledged is
// said.
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static volatile sig_atomic_t stopping;
static long outstanding, fatal;

static void on_term(int number) { stopping = number; }

static int64_t now_nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
  char error[256];
  if (rd_kafka_conf_set(conf, name, value, error, sizeof error) == RD_KAFKA_CONF_OK) return;
  fprintf(stderr, "%s\n", error);
  exit(2);
}

static rd_kafka_t *make(rd_kafka_type_t type, rd_kafka_conf_t *conf) {
  char error[256];
  rd_kafka_t *client = rd_kafka_new(type, conf, error, sizeof error);
  if (client) return client;
  fprintf(stderr, "%s\n", error);
  exit(2);
}

static rd_kafka_conf_t *configuration(const char *bootstrap) {
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", bootstrap);
  set(conf, "reconnect.backoff.max.ms", "500");
  set(conf, "log_level", "2");
  return conf;
}

static void delivered(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque) {
  (void)client;
  (void)opaque;
  outstanding--;
  if (!message->err) printf("A %d %" PRId64 " %s\n", message->partition, message->offset, (char *)message->_private);
  free(message->_private);
}

static void failed(rd_kafka_t *client, int code, const char *reason, void *opaque) {
  (void)opaque;
  if (code != RD_KAFKA_RESP_ERR__FATAL) return;
  char error[256];
  fprintf(stderr, "fatal: %s %s\n", rd_kafka_err2name(rd_kafka_fatal_error(client, error, sizeof error)), reason);
  fatal = 1;
}

static int produce(char **words, int count) {
  const char *topic = words[1], *name = words[3];
  int partitions = atoi(words[2]);
  long last = count > 5 ? atol(words[5]) : LONG_MAX;
  rd_kafka_conf_t *conf = configuration(words[0]);
  set(conf, "acks", "all");
  set(conf, "linger.ms", "2");
  if (strcmp(words[4], "idempotent") == 0) {
    set(conf, "enable.idempotence", "true");
    set(conf, "message.timeout.ms", "120000");
  } else {
    // What is refused or unknown is never sent again: what is there twice then, the broker has doubled. One request at a time, for
    // the client itself puts requests that a dying connection has not taken behind others.
    set(conf, "retries", "0");
    set(conf, "max.in.flight.requests.per.connection", "1");
    set(conf, "message.timeout.ms", "3000");
  }
  rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  rd_kafka_conf_set_error_cb(conf, failed);
  rd_kafka_t *client = make(RD_KAFKA_PRODUCER, conf);
  rd_kafka_topic_t *handle = rd_kafka_topic_new(client, topic, NULL);
  char padding[900];
  memset(padding, '.', sizeof padding);
  for (long number = 0; number < last && !stopping && !fatal;) {
    char *said = malloc(64);
    snprintf(said, 64, "%ld", number);
    char value[1024];
    int length = snprintf(value, sizeof value, "%s/%ld/%.*s", name, number, (int)(number * 37 % 900), padding);
    int refused = rd_kafka_produce(
        handle, (int)(number % partitions), RD_KAFKA_MSG_F_COPY, value, (size_t)length, NULL, 0, said);
    if (refused) {
      free(said);
      rd_kafka_poll(client, 20);
      continue;
    }
    outstanding++;
    number++;
    rd_kafka_poll(client, outstanding > 500 ? 5 : 0);
    if (number % 64 == 0) rd_kafka_poll(client, 1);
  }
  while (outstanding > 0 && !fatal) rd_kafka_poll(client, 50);
  fflush(stdout);
  rd_kafka_topic_destroy(handle);
  rd_kafka_destroy(client);
  return fatal ? 3 : 0;
}

static void rebalanced(
    rd_kafka_t *client, rd_kafka_resp_err_t event, rd_kafka_topic_partition_list_t *partitions, void *opaque) {
  (void)opaque;
  if (event != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    rd_kafka_assign(client, NULL);
    return;
  }
  int64_t asked = now_nanoseconds();
  if (!rd_kafka_committed(client, partitions, 10000)) {
    for (int i = 0; i < partitions->cnt; i++) {
      if (!partitions->elems[i].err)
        printf("B %d %" PRId64 " %" PRId64 "\n", partitions->elems[i].partition, partitions->elems[i].offset, asked);
    }
  }
  rd_kafka_assign(client, partitions);
}

// How long the part NAME/NUMBER of a record's value is.
static int named(const rd_kafka_message_t *message) {
  const char *value = message->payload, *end = memchr(value, '/', message->len);
  end = end ? memchr(end + 1, '/', message->len - (size_t)(end + 1 - value)) : NULL;
  return end ? (int)(end - value) : 0;
}

static int consume(char **words, int count) {
  rd_kafka_conf_t *conf = configuration(words[0]);
  set(conf, "group.id", words[1]);
  set(conf, "client.id", words[3]);
  set(conf, "auto.offset.reset", "earliest");
  set(conf, "enable.auto.commit", "false");
  set(conf, "session.timeout.ms", "6000");
  if (count > 4) set(conf, "group.instance.id", words[4]);
  rd_kafka_conf_set_rebalance_cb(conf, rebalanced);
  rd_kafka_t *client = make(RD_KAFKA_CONSUMER, conf);
  rd_kafka_poll_set_consumer(client);
  rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, words[2], RD_KAFKA_PARTITION_UA);
  rd_kafka_subscribe(client, topics);
  rd_kafka_topic_partition_list_destroy(topics);
  while (!stopping) {
    rd_kafka_message_t *message = rd_kafka_consumer_poll(client, 100);
    if (!message) continue;
    if (!message->err) {
      printf("S %d %" PRId64 " %.*s\n", message->partition, message->offset, named(message), (char *)message->payload);
      if (message->offset % 50 == 49 && !rd_kafka_commit_message(client, message, 0))
        printf("C %d %" PRId64 " %" PRId64 "\n", message->partition, message->offset + 1, now_nanoseconds());
    }
    rd_kafka_message_destroy(message);
  }
  rd_kafka_consumer_close(client);
  rd_kafka_destroy(client);
  return 0;
}

static int dump(char **words) {
  rd_kafka_conf_t *conf = configuration(words[0]);
  set(conf, "group.id", "dump");
  set(conf, "enable.partition.eof", "true");
  set(conf, "auto.offset.reset", "error");
  rd_kafka_t *client = make(RD_KAFKA_CONSUMER, conf);
  rd_kafka_poll_set_consumer(client);
  rd_kafka_topic_partition_list_t *partitions = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(partitions, words[1], atoi(words[2]))->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(client, partitions);
  rd_kafka_topic_partition_list_destroy(partitions);
  int outcome = -1;
  while (outcome < 0) {
    rd_kafka_message_t *message = rd_kafka_consumer_poll(client, 1000);
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) outcome = 0;
    else if (message->err) outcome = (fprintf(stderr, "%s\n", rd_kafka_message_errstr(message)), 4);
    else printf("R %" PRId64 " %.*s\n", message->offset, named(message), (char *)message->payload);
    rd_kafka_message_destroy(message);
  }
  rd_kafka_consumer_close(client);
  rd_kafka_destroy(client);
  return outcome;
}

static int committed(char **words) {
  rd_kafka_conf_t *conf = configuration(words[0]);
  set(conf, "group.id", words[1]);
  rd_kafka_t *client = make(RD_KAFKA_CONSUMER, conf);
  rd_kafka_topic_partition_list_t *partitions = rd_kafka_topic_partition_list_new(1);
  for (int i = 0; i < atoi(words[3]); i++) rd_kafka_topic_partition_list_add(partitions, words[2], i);
  rd_kafka_resp_err_t error = rd_kafka_committed(client, partitions, 30000);
  for (int i = 0; !error && i < partitions->cnt; i++) {
    error = partitions->elems[i].err;
    printf("P %d %" PRId64 "\n", partitions->elems[i].partition, partitions->elems[i].offset);
  }
  if (error) fprintf(stderr, "%s\n", rd_kafka_err2str(error));
  rd_kafka_topic_partition_list_destroy(partitions);
  rd_kafka_destroy(client);
  return error ? 4 : 0;
}

// What the broker answers about one topic, or what the client says where it does not answer in time.
static rd_kafka_resp_err_t answer(rd_kafka_queue_t *queue) {
  rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 5000);
  if (!event) return RD_KAFKA_RESP_ERR__TIMED_OUT;
  rd_kafka_resp_err_t error = rd_kafka_event_error(event);
  size_t count = 0;
  const rd_kafka_topic_result_t **results = NULL;
  if (!error) {
    const rd_kafka_CreateTopics_result_t *created = rd_kafka_event_CreateTopics_result(event);
    if (created) results = rd_kafka_CreateTopics_result_topics(created, &count);
    else results = rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count);
  }
  if (count > 0) error = rd_kafka_topic_result_error(results[0]);
  rd_kafka_event_destroy(event);
  return error;
}

static int change_topic(const char *verb, char **words) {
  rd_kafka_conf_t *conf = configuration(words[0]);
  rd_kafka_t *client = make(RD_KAFKA_PRODUCER, conf);
  rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
  rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_ANY);
  char text[256];
  rd_kafka_AdminOptions_set_request_timeout(options, 2000, text, sizeof text);
  rd_kafka_resp_err_t error;
  if (strcmp(verb, "create") == 0) {
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(words[1], atoi(words[2]), -1, text, sizeof text);
    rd_kafka_CreateTopics(client, &topic, 1, options, queue);
    error = answer(queue);
    rd_kafka_NewTopic_destroy(topic);
    if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) error = 0;
  } else {
    rd_kafka_DeleteTopic_t *topic = rd_kafka_DeleteTopic_new(words[1]);
    rd_kafka_DeleteTopics(client, &topic, 1, options, queue);
    error = answer(queue);
    rd_kafka_DeleteTopic_destroy(topic);
    if (error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) error = 0;
  }
  rd_kafka_AdminOptions_destroy(options);
  rd_kafka_queue_destroy(queue);
  rd_kafka_destroy(client);
  return error ? 1 : 0;
}

static int topics(char **words) {
  rd_kafka_t *client = make(RD_KAFKA_PRODUCER, configuration(words[0]));
  const struct rd_kafka_metadata *metadata;
  rd_kafka_resp_err_t error = rd_kafka_metadata(client, 1, NULL, &metadata, 10000);
  if (error) {
    fprintf(stderr, "%s\n", rd_kafka_err2str(error));
    rd_kafka_destroy(client);
    return 4;
  }
  for (int i = 0; i < metadata->topic_cnt; i++) {
    if (!metadata->topics[i].err && metadata->topics[i].partition_cnt > 0) printf("T %s\n", metadata->topics[i].topic);
  }
  rd_kafka_metadata_destroy(metadata);
  rd_kafka_destroy(client);
  return 0;
}

static int is_verb(const char *verb, const char *name, int count, int least, int most) {
  return strcmp(verb, name) == 0 && count >= least && count <= most;
}

int main(int count, char **words) {
  signal(SIGTERM, on_term);
  const char *verb = count > 1 ? words[1] : "";
  char **rest = words + 2;
  count -= 2;
  if (is_verb(verb, "produce", count, 5, 6)) return produce(rest, count);
  if (is_verb(verb, "consume", count, 4, 5)) return consume(rest, count);
  if (is_verb(verb, "dump", count, 3, 3)) return dump(rest);
  if (is_verb(verb, "committed", count, 4, 4)) return committed(rest);
  if (is_verb(verb, "create", count, 3, 3) || is_verb(verb, "delete", count, 3, 3)) return change_topic(verb, rest);
  if (is_verb(verb, "topics", count, 1, 1)) return topics(rest);
  fprintf(stderr, "usage: see the head of chaos-client.c\n");
  return 64;
}
