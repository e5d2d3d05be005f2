// A C program on librdkafka: it administers, produces and consumes in a group of two, and prints what it was answered as
// one line of JSON, all values strings. Arguments: the broker's address, and a prefix for the names it makes.
#include <librdkafka/rdkafka.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { partitions = 6, round_size = 60, text_size = 512, wait_milliseconds = 30000, codec_count = 4, codec_records = 5 };

static const char *bootstrap;
static char topic[128], codec_topic[128], group[128];
static rd_kafka_t *producer;
static rd_kafka_queue_t *answers;
static const char *separator = "{";

static void fact(const char *name, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  printf("%s\"%s\": \"", separator, name);
  vprintf(format, arguments);
  printf("\"");
  separator = ", ";
  va_end(arguments);
}

static void fail(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(1);
}

static long long now_milliseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

// MARK: clients

static void set(rd_kafka_conf_t *settings, const char *name, const char *value) {
  char text[text_size];
  if (rd_kafka_conf_set(settings, name, value, text, sizeof text) != RD_KAFKA_CONF_OK) fail(name, text);
}

static rd_kafka_t *open_client(rd_kafka_type_t type, rd_kafka_conf_t *settings) {
  char text[text_size];
  set(settings, "bootstrap.servers", bootstrap);
  rd_kafka_t *client = rd_kafka_new(type, settings, text, sizeof text);
  if (!client) fail("rd_kafka_new", text);
  return client;
}

static rd_kafka_t *open_consumer(const char *id) {
  rd_kafka_conf_t *settings = rd_kafka_conf_new();
  set(settings, "client.id", id);
  set(settings, "group.id", group);
  set(settings, "auto.offset.reset", "earliest");
  set(settings, "enable.auto.commit", "false");
  set(settings, "session.timeout.ms", "10000");
  set(settings, "heartbeat.interval.ms", "200");
  rd_kafka_t *consumer = open_client(RD_KAFKA_CONSUMER, settings);
  rd_kafka_poll_set_consumer(consumer);
  rd_kafka_topic_partition_list_t *wanted = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(wanted, topic, RD_KAFKA_PARTITION_UA);
  if (rd_kafka_subscribe(consumer, wanted)) fail("subscribe", "refused");
  rd_kafka_topic_partition_list_destroy(wanted);
  return consumer;
}

// MARK: administration

// The error of the whole answer, or that of its first topic.
static rd_kafka_resp_err_t topic_error(rd_kafka_event_t *answer, const rd_kafka_topic_result_t **results, size_t count) {
  rd_kafka_resp_err_t error = rd_kafka_event_error(answer);
  return error || !count ? error : rd_kafka_topic_result_error(results[0]);
}

static rd_kafka_event_t *answer_of(void) {
  rd_kafka_event_t *answer = rd_kafka_queue_poll(answers, wait_milliseconds);
  if (!answer) fail("administration", "no answer");
  return answer;
}

static int create_topic(const char *name, int count, int replicas, const char *retention) {
  char text[text_size];
  rd_kafka_NewTopic_t *new_topic = rd_kafka_NewTopic_new(name, count, replicas, text, sizeof text);
  if (!new_topic) fail("NewTopic", text);
  if (retention) rd_kafka_NewTopic_set_config(new_topic, "retention.ms", retention);
  rd_kafka_CreateTopics(producer, &new_topic, 1, NULL, answers);
  rd_kafka_event_t *answer = answer_of();
  size_t results_count;
  const rd_kafka_topic_result_t **results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer), &results_count);
  int error = topic_error(answer, results, results_count);
  rd_kafka_event_destroy(answer);
  rd_kafka_NewTopic_destroy(new_topic);
  return error;
}

static int create_partitions(int count) {
  char text[text_size];
  rd_kafka_NewPartitions_t *wanted = rd_kafka_NewPartitions_new(topic, count, text, sizeof text);
  rd_kafka_CreatePartitions(producer, &wanted, 1, NULL, answers);
  rd_kafka_event_t *answer = answer_of();
  size_t results_count;
  const rd_kafka_topic_result_t **results =
      rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(answer), &results_count);
  int error = topic_error(answer, results, results_count);
  rd_kafka_event_destroy(answer);
  rd_kafka_NewPartitions_destroy(wanted);
  return error;
}

static int delete_topic(const char *name) {
  rd_kafka_DeleteTopic_t *unwanted = rd_kafka_DeleteTopic_new(name);
  rd_kafka_DeleteTopics(producer, &unwanted, 1, NULL, answers);
  rd_kafka_event_t *answer = answer_of();
  size_t results_count;
  const rd_kafka_topic_result_t **results =
      rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(answer), &results_count);
  int error = topic_error(answer, results, results_count);
  rd_kafka_event_destroy(answer);
  rd_kafka_DeleteTopic_destroy(unwanted);
  return error;
}

// What a setting of the topic is and where it comes from, into `text`.
static void read_config(const char *setting, char *text) {
  rd_kafka_ConfigResource_t *resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
  rd_kafka_DescribeConfigs(producer, &resource, 1, NULL, answers);
  rd_kafka_event_t *answer = answer_of();
  size_t resources_count, entries_count;
  const rd_kafka_ConfigResource_t **resources =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(answer), &resources_count);
  const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resources[0], &entries_count);
  for (size_t i = 0; i < entries_count; i++)
    if (!strcmp(rd_kafka_ConfigEntry_name(entries[i]), setting))
      snprintf(text, text_size, "%s from %s%s", rd_kafka_ConfigEntry_value(entries[i]),
               rd_kafka_ConfigSource_name(rd_kafka_ConfigEntry_source(entries[i])),
               rd_kafka_ConfigEntry_is_read_only(entries[i]) ? ", read-only" : "");
  rd_kafka_event_destroy(answer);
  rd_kafka_ConfigResource_destroy(resource);
}

// A cluster tells its brokers of a change after it has answered who made it: the value is waited for.
static void tell_config(const char *name, const char *setting, const char *value) {
  char text[text_size] = "";
  for (long long deadline = now_milliseconds() + wait_milliseconds; now_milliseconds() < deadline;) {
    read_config(setting, text);
    if (!strncmp(text, value, strlen(value))) break;
  }
  fact(name, "%s", text);
}

static int alter_config(const char *setting, const char *value) {
  rd_kafka_ConfigResource_t *resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
  rd_kafka_ConfigResource_set_config(resource, setting, value);
  rd_kafka_AlterConfigs(producer, &resource, 1, NULL, answers);
  rd_kafka_event_t *answer = answer_of();
  size_t count;
  const rd_kafka_ConfigResource_t **resources =
      rd_kafka_AlterConfigs_result_resources(rd_kafka_event_AlterConfigs_result(answer), &count);
  int error = count ? rd_kafka_ConfigResource_error(resources[0]) : rd_kafka_event_error(answer);
  rd_kafka_event_destroy(answer);
  rd_kafka_ConfigResource_destroy(resource);
  return error;
}

// Waits until all clients are told of `count` partitions, each with a leader.
static void await_partitions(const char *name, int count) {
  for (long long deadline = now_milliseconds() + wait_milliseconds; now_milliseconds() < deadline;) {
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *handle = rd_kafka_topic_new(producer, name, NULL);
    rd_kafka_resp_err_t error = rd_kafka_metadata(producer, 0, handle, &metadata, 5000);
    rd_kafka_topic_destroy(handle);
    if (error) continue;
    int ready = metadata->topics[0].partition_cnt == count;
    for (int i = 0; ready && i < count; i++) ready = !metadata->topics[0].partitions[i].err;
    rd_kafka_metadata_destroy(metadata);
    if (ready) return;
  }
  fail(name, "its partitions did not appear");
}

static void administer_topic(void) {
  fact("create", "%d", create_topic(topic, 4, 1, "86400000"));
  fact("create again", "%d", create_topic(topic, 4, 1, NULL));
  fact("create with two replicas", "%d", create_topic("other", 1, 2, NULL));
  fact("create with a bad name", "%d", create_topic("a b", 1, 1, NULL));
  tell_config("config given", "retention.ms", "86400000");
  tell_config("config not given", "cleanup.policy", "delete");
  fact("alter config", "%d", alter_config("retention.ms", "7200000"));
  tell_config("config altered", "retention.ms", "7200000");
  fact("alter config badly", "%d", alter_config("retention.ms", "abc"));
  fact("fewer partitions", "%d", create_partitions(2));
  fact("more partitions", "%d", create_partitions(partitions));
  await_partitions(topic, partitions);
}

// MARK: produce

static int delivered;

static void on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *context) {
  if (message->err) fail("delivery", rd_kafka_err2name(message->err));
  delivered++;
}

static rd_kafka_t *open_producer(const char *codec) {
  rd_kafka_conf_t *settings = rd_kafka_conf_new();
  set(settings, "enable.idempotence", "true");
  set(settings, "linger.ms", "5");
  if (codec) set(settings, "compression.codec", codec);
  rd_kafka_conf_set_dr_msg_cb(settings, on_delivery);
  return open_client(RD_KAFKA_PRODUCER, settings);
}

// Produces a round of records, `v-ROUND-NUMBER` with key and header, the next partition each.
static int produce_round(int round) {
  delivered = 0;
  for (int i = 0; i < round_size; i++) {
    char key[32], value[32];
    snprintf(key, sizeof key, "k-%d", i);
    snprintf(value, sizeof value, "v-%d-%d", round, i);
    rd_kafka_resp_err_t error = rd_kafka_producev(
        producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(i % partitions), RD_KAFKA_V_KEY(key, strlen(key)),
        RD_KAFKA_V_VALUE(value, strlen(value)), RD_KAFKA_V_HEADER("round", value, strlen(value)),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    if (error) fail("produce", rd_kafka_err2name(error));
  }
  if (rd_kafka_flush(producer, wait_milliseconds)) fail("flush", "timed out");
  return delivered;
}

static void tell_watermarks(const char *name) {
  char text[text_size] = "";
  for (int i = 0; i < partitions; i++) {
    int64_t low, high;
    rd_kafka_resp_err_t error = rd_kafka_query_watermark_offsets(producer, topic, i, &low, &high, wait_milliseconds);
    if (error) fail("watermarks", rd_kafka_err2name(error));
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s%lld-%lld", i ? " " : "", (long long)low,
             (long long)high);
  }
  fact(name, "%s", text);
}

// MARK: groups

struct reading { rd_kafka_t *consumers[2]; int seen[3][round_size]; int distinct, doubled, wrong; };

static void note_record(struct reading *reading, const rd_kafka_message_t *message) {
  int round, number;
  char value[32];
  snprintf(value, sizeof value, "%.*s", (int)message->len, (const char *)message->payload);
  if (sscanf(value, "v-%d-%d", &round, &number) != 2 || round > 2 || number >= round_size) {
    reading->wrong++;
    return;
  }
  rd_kafka_headers_t *headers;
  const void *header;
  size_t size;
  if (number % partitions != message->partition || rd_kafka_message_headers(message, &headers) ||
      rd_kafka_header_get_last(headers, "round", &header, &size) || size != message->len ||
      memcmp(header, message->payload, size))
    reading->wrong++;
  if (reading->seen[round][number]++) reading->doubled++;
  else reading->distinct++;
}

static void poll_both(struct reading *reading) {
  for (int i = 0; i < 2; i++) {
    if (!reading->consumers[i]) continue;
    rd_kafka_message_t *message = rd_kafka_consumer_poll(reading->consumers[i], 20);
    if (!message) continue;
    if (!message->err) note_record(reading, message);
    rd_kafka_message_destroy(message);
  }
}

static int assigned(rd_kafka_t *consumer) {
  rd_kafka_topic_partition_list_t *list;
  if (!consumer || rd_kafka_assignment(consumer, &list)) return 0;
  int count = list->cnt;
  rd_kafka_topic_partition_list_destroy(list);
  return count;
}

static void await_assignment(struct reading *reading, const char *name, int first, int second) {
  for (long long deadline = now_milliseconds() + wait_milliseconds; now_milliseconds() < deadline; poll_both(reading))
    if (assigned(reading->consumers[0]) == first && assigned(reading->consumers[1]) == second) break;
  fact(name, "%d and %d", assigned(reading->consumers[0]), assigned(reading->consumers[1]));
}

static void await_records(struct reading *reading, const char *name, int count) {
  for (long long deadline = now_milliseconds() + wait_milliseconds; now_milliseconds() < deadline; poll_both(reading))
    if (reading->distinct >= count) break;
  fact(name, "%d, %d doubled, %d wrong", reading->distinct, reading->doubled, reading->wrong);
}

static void commit(struct reading *reading, const char *name) {
  int errors[2] = {0, 0};
  for (int i = 0; i < 2; i++)
    if (reading->consumers[i]) errors[i] = rd_kafka_commit(reading->consumers[i], NULL, 0);
  fact(name, "%d %d", errors[0], errors[1]);
}

static void tell_group(const char *name) {
  const char *groups[] = {group};
  rd_kafka_DescribeConsumerGroups(producer, groups, 1, NULL, answers);
  rd_kafka_event_t *answer = answer_of();
  size_t count;
  const rd_kafka_ConsumerGroupDescription_t **found = rd_kafka_DescribeConsumerGroups_result_groups(
      rd_kafka_event_DescribeConsumerGroups_result(answer), &count);
  fact(name, "%s, %zu members, assignor '%s'",
       rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(found[0])),
       rd_kafka_ConsumerGroupDescription_member_count(found[0]),
       rd_kafka_ConsumerGroupDescription_partition_assignor(found[0]));
  rd_kafka_event_destroy(answer);
}

static void tell_listed(const char *name) {
  rd_kafka_ListConsumerGroups(producer, NULL, answers);
  rd_kafka_event_t *answer = answer_of();
  size_t count, times = 0;
  const rd_kafka_ConsumerGroupListing_t **found =
      rd_kafka_ListConsumerGroups_result_valid(rd_kafka_event_ListConsumerGroups_result(answer), &count);
  for (size_t i = 0; i < count; i++) times += !strcmp(rd_kafka_ConsumerGroupListing_group_id(found[i]), group);
  fact(name, "%zu times", times);
  rd_kafka_event_destroy(answer);
}

static void tell_offsets(const char *name) {
  rd_kafka_topic_partition_list_t *wanted = rd_kafka_topic_partition_list_new(partitions);
  for (int i = 0; i < partitions; i++) rd_kafka_topic_partition_list_add(wanted, topic, i);
  rd_kafka_ListConsumerGroupOffsets_t *request = rd_kafka_ListConsumerGroupOffsets_new(group, wanted);
  rd_kafka_ListConsumerGroupOffsets(producer, &request, 1, NULL, answers);
  rd_kafka_event_t *answer = answer_of();
  size_t count;
  const rd_kafka_group_result_t **results = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(answer), &count);
  const rd_kafka_topic_partition_list_t *found = rd_kafka_group_result_partitions(results[0]);
  char text[text_size] = "";
  for (int i = 0; i < partitions; i++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s%lld", i ? " " : "",
             (long long)rd_kafka_topic_partition_list_find((rd_kafka_topic_partition_list_t *)found, topic, i)->offset);
  fact(name, "%s", text);
  rd_kafka_event_destroy(answer);
  rd_kafka_ListConsumerGroupOffsets_destroy(request);
  rd_kafka_topic_partition_list_destroy(wanted);
}

static int delete_offset(int partition) {
  rd_kafka_topic_partition_list_t *unwanted = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(unwanted, topic, partition);
  rd_kafka_DeleteConsumerGroupOffsets_t *request = rd_kafka_DeleteConsumerGroupOffsets_new(group, unwanted);
  rd_kafka_DeleteConsumerGroupOffsets(producer, &request, 1, NULL, answers);
  rd_kafka_event_t *answer = answer_of();
  size_t count;
  const rd_kafka_group_result_t **results = rd_kafka_DeleteConsumerGroupOffsets_result_groups(
      rd_kafka_event_DeleteConsumerGroupOffsets_result(answer), &count);
  const rd_kafka_error_t *error = rd_kafka_group_result_error(results[0]);
  int code = error ? rd_kafka_error_code(error) : rd_kafka_group_result_partitions(results[0])->elems[0].err;
  rd_kafka_event_destroy(answer);
  rd_kafka_DeleteConsumerGroupOffsets_destroy(request);
  rd_kafka_topic_partition_list_destroy(unwanted);
  return code;
}

static int delete_group(void) {
  rd_kafka_DeleteGroup_t *unwanted = rd_kafka_DeleteGroup_new(group);
  rd_kafka_DeleteGroups(producer, &unwanted, 1, NULL, answers);
  rd_kafka_event_t *answer = answer_of();
  size_t count;
  const rd_kafka_group_result_t **results =
      rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(answer), &count);
  const rd_kafka_error_t *error = rd_kafka_group_result_error(results[0]);
  int code = error ? rd_kafka_error_code(error) : 0;
  rd_kafka_event_destroy(answer);
  rd_kafka_DeleteGroup_destroy(unwanted);
  return code;
}

static void close_consumer(struct reading *reading, int which) {
  rd_kafka_consumer_close(reading->consumers[which]);
  rd_kafka_destroy(reading->consumers[which]);
  reading->consumers[which] = NULL;
}

static void consume_in_group(void) {
  struct reading reading = {.consumers = {open_consumer("first"), NULL}};
  await_assignment(&reading, "assigned alone", partitions, 0);
  await_records(&reading, "consumed alone", round_size);
  commit(&reading, "commit alone");
  reading.consumers[1] = open_consumer("second");
  await_assignment(&reading, "assigned together", partitions / 2, partitions / 2);
  fact("produced in round 1", "%d", produce_round(1));
  await_records(&reading, "consumed together", 2 * round_size);
  tell_group("group of two");
  commit(&reading, "commit together");
  close_consumer(&reading, 1);
  await_assignment(&reading, "assigned when the second left", partitions, 0);
  fact("produced in round 2", "%d", produce_round(2));
  await_records(&reading, "consumed when the second left", 3 * round_size);
  commit(&reading, "commit when the second left");
  tell_listed("listed");
  fact("delete group in use", "%d", delete_group());
  close_consumer(&reading, 0);
  tell_group("group left by all");
  tell_offsets("offsets committed");
  fact("delete offset", "%d", delete_offset(0));
  tell_offsets("offsets after one was deleted");
  fact("delete group", "%d", delete_group());
  fact("delete group again", "%d", delete_group());
}

// MARK: records

static void use_codecs(void) {
  static const char *codecs[codec_count] = {"gzip", "snappy", "lz4", "zstd"};
  fact("create for codecs", "%d", create_topic(codec_topic, 1, 1, NULL));
  await_partitions(codec_topic, 1);
  char value[2048];
  for (int c = 0; c < codec_count; c++) {
    rd_kafka_t *client = open_producer(codecs[c]);
    memset(value, 'a' + c, sizeof value);
    for (int i = 0; i < codec_records; i++)
      rd_kafka_producev(client, RD_KAFKA_V_TOPIC(codec_topic), RD_KAFKA_V_PARTITION(0),
                        RD_KAFKA_V_VALUE(value, sizeof value), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    if (rd_kafka_flush(client, wait_milliseconds)) fail("flush", codecs[c]);
    rd_kafka_destroy(client);
  }
  rd_kafka_t *reader = open_client(RD_KAFKA_CONSUMER, rd_kafka_conf_new());
  rd_kafka_topic_t *handle = rd_kafka_topic_new(reader, codec_topic, NULL);
  rd_kafka_consume_start(handle, 0, RD_KAFKA_OFFSET_BEGINNING);
  int intact = 0, count = 0;
  for (long long deadline = now_milliseconds() + wait_milliseconds; now_milliseconds() < deadline;) {
    rd_kafka_message_t *message = rd_kafka_consume(handle, 0, 100);
    if (!message) continue;
    if (!message->err) {
      memset(value, 'a' + count / codec_records, sizeof value);
      intact += message->offset == count && message->len == sizeof value && !memcmp(message->payload, value, message->len);
      count++;
    }
    rd_kafka_message_destroy(message);
    if (count == codec_count * codec_records) break;
  }
  rd_kafka_consume_stop(handle, 0);
  rd_kafka_topic_destroy(handle);
  rd_kafka_destroy(reader);
  fact("compressed and intact", "%d of %d", intact, count);
}

static void delete_records(const char *name, int64_t before) {
  rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(offsets, topic, 0)->offset = before;
  rd_kafka_DeleteRecords_t *request = rd_kafka_DeleteRecords_new(offsets);
  rd_kafka_DeleteRecords(producer, &request, 1, NULL, answers);
  rd_kafka_event_t *answer = answer_of();
  const rd_kafka_topic_partition_list_t *found =
      rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(answer));
  fact(name, "%d, from %lld", found->elems[0].err, (long long)found->elems[0].offset);
  rd_kafka_event_destroy(answer);
  rd_kafka_DeleteRecords_destroy(request);
  rd_kafka_topic_partition_list_destroy(offsets);
}

static void tell_offset_for_time(const char *name, int64_t milliseconds) {
  rd_kafka_topic_partition_list_t *times = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(times, topic, 1)->offset = milliseconds;
  int error = rd_kafka_offsets_for_times(producer, times, wait_milliseconds);
  fact(name, "%d, %lld", error, (long long)times->elems[0].offset);
  rd_kafka_topic_partition_list_destroy(times);
}

int main(int count, char **arguments) {
  if (count != 3) fail("usage", "librdkafka HOST:PORT PREFIX");
  bootstrap = arguments[1];
  snprintf(topic, sizeof topic, "%s-topic", arguments[2]);
  snprintf(codec_topic, sizeof codec_topic, "%s-codecs", arguments[2]);
  snprintf(group, sizeof group, "%s-group", arguments[2]);
  producer = open_producer(NULL);
  answers = rd_kafka_queue_new(producer);
  fact("client", "librdkafka %s", rd_kafka_version_str());
  administer_topic();
  fact("produced in round 0", "%d", produce_round(0));
  tell_watermarks("watermarks");
  consume_in_group();
  use_codecs();
  tell_offset_for_time("offset at the beginning of time", 0);
  tell_offset_for_time("offset in the future", 32503680000000);
  delete_records("delete records", 5);
  delete_records("delete records not there", 999);
  tell_watermarks("watermarks after records were deleted");
  fact("delete topic", "%d", delete_topic(topic));
  fact("delete topic again", "%d", delete_topic(topic));
  printf("}\n");
  rd_kafka_queue_destroy(answers);
  rd_kafka_destroy(producer);
  return 0;
}
