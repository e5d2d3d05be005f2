// The divisor of goal 5: tasks on a topic → one Python worker in batches → results on a topic → rows in PostgreSQL,
// with their offsets in the same transaction. Two programs that run at once:
//
//   pipeline BOOTSTRAP PARTITIONS COUNT execute TASKS RESULTS WORKER_SCRIPT
//   pipeline BOOTSTRAP PARTITIONS COUNT record RESULTS POSTGRES_URL SCHEMA
//
// Tasks have the documented form, as log-tool appends them; a result has its task's key, the invocation id.
// Each starts at the beginning of its topic, ends after COUNT records, and prints when it began to fetch, when it was done
// with the last record (monotonic nanoseconds) and its CPU time in between (nanoseconds).
#define _GNU_SOURCE
#include "clients.h"

#include <endian.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { execute_batch = 512, record_batch = 8192, partition_limit = 64 };

typedef struct {
  const char *bootstrap, *topic;
  int partitions;
  long count;
  rd_kafka_queue_t *queue;
  int64_t start_nanoseconds, cpu_before_nanoseconds;
} intake_t;

// Nothing is fetched, and no time runs, before all else is ready.
static void begin(intake_t *intake) {
  rd_kafka_topic_partition_list_t *positions;
  rd_kafka_t *consumer = new_consumer(intake->bootstrap, intake->topic, intake->partitions, from_beginning, &positions);
  intake->queue = rd_kafka_queue_get_consumer(consumer);
  intake->cpu_before_nanoseconds = cpu_nanoseconds();
  intake->start_nanoseconds = now_nanoseconds();
  begin_consuming(consumer, positions);
}

static size_t next_batch(intake_t *intake, rd_kafka_message_t **records, size_t limit) {
  ssize_t count = rd_kafka_consume_batch_queue(intake->queue, 10, records, limit);
  if (count < 0) stop("consume: %s", rd_kafka_err2str(rd_kafka_last_error()));
  for (ssize_t i = 0; i < count; i++)
    if (records[i]->err) stop("consume: %s", rd_kafka_message_errstr(records[i]));
  return count;
}

static void release(rd_kafka_message_t **records, size_t count) {
  for (size_t i = 0; i < count; i++) rd_kafka_message_destroy(records[i]);
}

static void report(const intake_t *intake) {
  printf("%lld %lld %lld\n", (long long)intake->start_nanoseconds, (long long)now_nanoseconds(),
         (long long)(cpu_nanoseconds() - intake->cpu_before_nanoseconds));
}

static void execute(intake_t *intake, const char *results, const char *script) {
  worker_t worker = start_worker(script);
  rd_kafka_t *producer = new_producer(intake->bootstrap, "5");
  rd_kafka_topic_t *topic = rd_kafka_topic_new(producer, results, NULL);
  static rd_kafka_message_t *records[execute_batch];
  static slice_t events[execute_batch], answers[execute_batch];
  begin(intake);
  for (long done = 0; done < intake->count;) {
    size_t batch = next_batch(intake, records, execute_batch);
    if (!batch) continue;
    for (size_t i = 0; i < batch; i++) events[i] = (slice_t){records[i]->payload, records[i]->len};
    call_worker(&worker, events, batch, answers);
    for (size_t i = 0; i < batch; i++)
      append(producer, topic, records[i]->partition, answers[i].bytes, answers[i].length, records[i]->key,
             records[i]->key_len);
    release(records, batch);
    rd_kafka_poll(producer, 0);
    done += batch;
  }
  if (rd_kafka_flush(producer, 60000)) stop("results are left after 60 s");
}

static void run(PGconn *connection, const char *statement, ExecStatusType expected) {
  PGresult *result = PQexec(connection, statement);
  if (PQresultStatus(result) != expected) stop("%s: %s", statement, PQerrorMessage(connection));
  PQclear(result);
}

static void parse_uuid(const rd_kafka_message_t *record, uint8_t uuid[16]) {
  const char *text = record->key;
  if (record->key_len != 36) stop("%s/%d: the key of offset %lld is no UUID", rd_kafka_topic_name(record->rkt),
                                  record->partition, (long long)record->offset);
  for (int i = 0, at = 0; i < 16; i++, at += 2) {
    if (text[at] == '-') at++;
    int high = text[at] - (text[at] > '9' ? 'a' - 10 : '0'), low = text[at + 1] - (text[at + 1] > '9' ? 'a' - 10 : '0');
    uuid[i] = high << 4 | low;
  }
}

// The binary form of COPY: a field count, then each field's length and bytes, all big-endian.
static char *put(char *at, const void *bytes, uint32_t length) {
  uint32_t head = htobe32(length);
  memcpy(at, &head, 4);
  memcpy(at + 4, bytes, length);
  return at + 4 + length;
}

static void copy_rows(PGconn *connection, rd_kafka_message_t **records, size_t count, int64_t *offsets) {
  static const char head[19] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";
  static char buffer[1 << 20];
  char *at = memcpy(buffer, head, sizeof head);
  at += sizeof head;
  for (size_t i = 0; i < count; i++) {
    const rd_kafka_message_t *record = records[i];
    if (record->len > 4096) stop("a result of %zu bytes", record->len);
    uint8_t id[16];
    parse_uuid(record, id);
    if (at - buffer > (long)sizeof buffer - 8192) {
      if (PQputCopyData(connection, buffer, at - buffer) != 1) stop("COPY: %s", PQerrorMessage(connection));
      at = buffer;
    }
    uint16_t fields = htobe16(4);
    int32_t partition = htobe32(record->partition);
    int64_t offset = htobe64(record->offset);
    memcpy(at, &fields, 2);
    at = put(put(put(put(at + 2, id, 16), &partition, 4), &offset, 8), record->payload, record->len);
    offsets[record->partition] = record->offset + 1;
  }
  memcpy(at, "\377\377", 2);
  if (PQputCopyData(connection, buffer, at + 2 - buffer) != 1 || PQputCopyEnd(connection, NULL) != 1)
    stop("COPY: %s", PQerrorMessage(connection));
  PGresult *result = PQgetResult(connection);
  if (PQresultStatus(result) != PGRES_COMMAND_OK) stop("COPY: %s", PQerrorMessage(connection));
  PQclear(result);
  while ((result = PQgetResult(connection))) PQclear(result);
}

static void write_offsets(PGconn *connection, const int64_t *offsets, int partitions) {
  static char statement[partition_limit * 64 + 256];
  char *at = stpcpy(statement, "INSERT INTO offsets VALUES ");
  for (int i = 0; i < partitions; i++) at += sprintf(at, "%s(%d,%lld)", i ? "," : "", i, (long long)offsets[i]);
  strcpy(at, " ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset");
  run(connection, statement, PGRES_COMMAND_OK);
}

static void record(intake_t *intake, const char *url, const char *schema) {
  if (intake->partitions > partition_limit) stop("%d partitions", intake->partitions);
  PGconn *connection = PQconnectdb(url);
  if (PQstatus(connection) != CONNECTION_OK) stop("PostgreSQL: %s", PQerrorMessage(connection));
  char statement[256];
  snprintf(statement, sizeof statement, "SET search_path TO %s", schema);
  run(connection, statement, PGRES_COMMAND_OK);
  // As Millrace's recorder does: a commit that a crash takes back is read from the log again.
  run(connection, "SET synchronous_commit = off", PGRES_COMMAND_OK);
  static rd_kafka_message_t *records[record_batch];
  static int64_t offsets[partition_limit];
  begin(intake);
  for (long done = 0; done < intake->count;) {
    size_t batch = next_batch(intake, records, record_batch);
    if (!batch) continue;
    run(connection, "BEGIN", PGRES_COMMAND_OK);
    run(connection, "COPY results (id, partition, log_offset, value) FROM STDIN (FORMAT binary)", PGRES_COPY_IN);
    copy_rows(connection, records, batch, offsets);
    write_offsets(connection, offsets, intake->partitions);
    run(connection, "COMMIT", PGRES_COMMAND_OK);
    release(records, batch);
    done += batch;
  }
}

int main(int count, char **words) {
  if (count != 8) stop("usage: pipeline BOOTSTRAP PARTITIONS COUNT execute|record …");
  intake_t intake = {
      .bootstrap = words[1], .topic = words[5], .partitions = atoi(words[2]), .count = atol(words[3])};
  if (!strcmp(words[4], "execute")) execute(&intake, words[6], words[7]);
  else record(&intake, words[6], words[7]);
  report(&intake);
  fflush(stdout);
  _exit(0);
}
