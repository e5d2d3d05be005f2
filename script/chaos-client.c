// A client of the broker under audit: says on its output, a line each, what the broker has promised it.
//
//   chaos-client produce BOOTSTRAP TOPIC PARTITIONS NAME idempotent|plain   A PARTITION OFFSET NUMBER for each acknowledged record
//   chaos-client consume BOOTSTRAP GROUP TOPIC NAME [INSTANCE]              B PARTITION OFFSET where it begins, C PARTITION OFFSET
//                                                                          for each commit that was acknowledged
//   chaos-client dump    BOOTSTRAP TOPIC PARTITION                          R OFFSET VALUE for each record there is
//
// SIGTERM ends the first two: what is under way is waited for, and only what is acknowledged is said.
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile sig_atomic_t stopping;
static long outstanding, fatal;

static void on_term(int number) { stopping = number; }

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

static int produce(char **words) {
  const char *topic = words[1], *name = words[3];
  int partitions = atoi(words[2]);
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
  for (long number = 0; !stopping && !fatal;) {
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
  if (!rd_kafka_committed(client, partitions, 10000)) {
    for (int i = 0; i < partitions->cnt; i++) {
      if (!partitions->elems[i].err)
        printf("B %d %" PRId64 "\n", partitions->elems[i].partition, partitions->elems[i].offset);
    }
  }
  rd_kafka_assign(client, partitions);
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
    if (!message->err && message->offset % 50 == 49 && !rd_kafka_commit_message(client, message, 0))
      printf("C %d %" PRId64 "\n", message->partition, message->offset + 1);
    rd_kafka_message_destroy(message);
    fflush(stdout);
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
    else printf("R %" PRId64 " %.*s\n", message->offset, (int)message->len, (char *)message->payload);
    rd_kafka_message_destroy(message);
  }
  rd_kafka_consumer_close(client);
  rd_kafka_destroy(client);
  return outcome;
}

int main(int count, char **words) {
  signal(SIGTERM, on_term);
  if (count == 7 && strcmp(words[1], "produce") == 0) return produce(words + 2);
  if ((count == 6 || count == 7) && strcmp(words[1], "consume") == 0) return consume(words + 2, count - 2);
  if (count == 5 && strcmp(words[1], "dump") == 0) return dump(words + 2);
  fprintf(stderr, "usage: see the head of chaos-client.c\n");
  return 64;
}
