// What a commit takes that covers several partitions, beside that of one, in turn: a Produce request with a record for each,
// acks=all, then the answer.
//
//   commit-latency HOST PORT TOPIC PARTITIONS WARM COUNT
//
// Prints COUNT lines, after WARM that are not printed: the nanoseconds of a request to one partition, and to all. librdkafka would
// send a request for each partition; Kafka's own clients send one for all, and so does this. Any refused record ends it.
#include "clients.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { buffer_bytes = 1 << 20, record_bytes = 1024, crc_at = 17, attributes_at = 21, produce_version = 3 };

typedef struct {
  uint8_t bytes[buffer_bytes];
  size_t count;
} buffer_t;

static void put(buffer_t *buffer, const void *bytes, size_t count) {
  if (buffer->count + count > sizeof buffer->bytes) stop("a request of more than %d bytes", buffer_bytes);
  memcpy(buffer->bytes + buffer->count, bytes, count);
  buffer->count += count;
}

static void put8(buffer_t *buffer, uint8_t value) { put(buffer, &value, 1); }
static void put16(buffer_t *buffer, uint16_t value) { put(buffer, &(uint16_t){htobe16(value)}, 2); }
static void put32(buffer_t *buffer, uint32_t value) { put(buffer, &(uint32_t){htobe32(value)}, 4); }
static void put64(buffer_t *buffer, uint64_t value) { put(buffer, &(uint64_t){htobe64(value)}, 8); }

static void put_string(buffer_t *buffer, const char *text) {
  put16(buffer, strlen(text));
  put(buffer, text, strlen(text));
}

static void put_varint(buffer_t *buffer, int32_t value) {
  uint32_t rest = (uint32_t)value << 1 ^ (uint32_t)(value >> 31);
  for (; rest > 127; rest >>= 7) put8(buffer, rest | 128);
  put8(buffer, rest);
}

static uint32_t crc32c(const uint8_t *bytes, size_t count) {
  uint32_t crc = ~0u;
  for (size_t i = 0; i < count; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc;
}

// A batch of the format 2 with one record.
static void make_batch(buffer_t *batch) {
  static uint8_t value[record_bytes];
  if (getrandom(value, sizeof value, 0) != sizeof value) stop("getrandom: %s", strerror(errno));
  buffer_t *record = calloc(1, sizeof *record);
  put8(record, 0);          // attributes
  put_varint(record, 0);    // time, beyond the first's
  put_varint(record, 0);    // offset, likewise
  put_varint(record, -1);   // no key
  put_varint(record, sizeof value);
  put(record, value, sizeof value);
  put_varint(record, 0);    // headers

  uint64_t milliseconds = time(NULL) * 1000ULL;
  put64(batch, 0);          // offset
  put32(batch, 0);          // length, below
  put32(batch, -1);         // leader's epoch
  put8(batch, 2);
  put32(batch, 0);          // CRC, below
  put16(batch, 0);          // attributes
  put32(batch, 0);          // offset of the last record
  put64(batch, milliseconds), put64(batch, milliseconds);
  put64(batch, -1), put16(batch, -1), put32(batch, -1);  // no producer's number
  put32(batch, 1);
  put_varint(batch, record->count);
  put(batch, record->bytes, record->count);
  free(record);
  memcpy(batch->bytes + 8, &(uint32_t){htobe32(batch->count - 12)}, 4);
  uint32_t crc = crc32c(batch->bytes + attributes_at, batch->count - attributes_at);
  memcpy(batch->bytes + crc_at, &(uint32_t){htobe32(crc)}, 4);
}

static void make_request(buffer_t *request, const char *topic, int partitions) {
  buffer_t *batch = calloc(1, sizeof *batch);
  make_batch(batch);
  put32(request, 0);  // length, below
  put16(request, 0), put16(request, produce_version), put32(request, 1);
  put_string(request, "commit-latency");
  put16(request, -1);     // no transaction
  put16(request, -1);     // acks=all
  put32(request, 30000);  // timeout, milliseconds
  put32(request, 1);
  put_string(request, topic);
  put32(request, partitions);
  for (int i = 0; i < partitions; i++) {
    put32(request, i);
    put32(request, batch->count);
    put(request, batch->bytes, batch->count);
  }
  free(batch);
  memcpy(request->bytes, &(uint32_t){htobe32(request->count - 4)}, 4);
}

static int connect_to(const char *host, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) stop("%s is no IPv4 address", host);
  int connection = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(connection, (struct sockaddr *)&address, sizeof address)) stop("%s:%d: %s", host, port, strerror(errno));
  return connection;
}

static void read_exactly(int connection, uint8_t *bytes, size_t wanted) {
  for (size_t have = 0; have < wanted;) {
    ssize_t count = read(connection, bytes + have, wanted - have);
    if (count <= 0) stop("read: %s", count ? strerror(errno) : "the broker closed the connection");
    have += count;
  }
}

static uint32_t read32(const uint8_t *bytes) {
  uint32_t value;
  memcpy(&value, bytes, sizeof value);
  return be32toh(value);
}

// The nanoseconds of a request and its answer.
static int64_t call(int connection, const buffer_t *request, size_t topic_bytes, int partitions) {
  static uint8_t answer[buffer_bytes];
  int64_t start = now_nanoseconds();
  for (size_t sent = 0; sent < request->count;) {
    ssize_t count = write(connection, request->bytes + sent, request->count - sent);
    if (count < 0) stop("write: %s", strerror(errno));
    sent += count;
  }
  read_exactly(connection, answer, 4);
  size_t length = read32(answer), head = 4 + 4 + 2 + topic_bytes + 4, each = 4 + 2 + 8 + 8;
  if (length != head + partitions * each + 4) stop("an answer of %zu bytes", length);
  read_exactly(connection, answer, length);
  for (int i = 0; i < partitions; i++) {
    const uint8_t *error = answer + head + i * each + 4;
    if (error[0] || error[1]) stop("partition %d: error %d", i, error[0] << 8 | error[1]);
  }
  return now_nanoseconds() - start;
}

int main(int count, char **words) {
  if (count != 7) stop("usage: commit-latency HOST PORT TOPIC PARTITIONS WARM COUNT");
  const char *topic = words[3];
  int partitions = atoi(words[4]);
  long warm = atol(words[5]), calls = atol(words[6]);
  buffer_t *of_one = calloc(1, sizeof *of_one), *of_all = calloc(1, sizeof *of_all);
  make_request(of_one, topic, 1);
  make_request(of_all, topic, partitions);
  int connection = connect_to(words[1], atoi(words[2]));
  int64_t (*samples)[2] = calloc(calls, sizeof *samples);
  for (long number = -warm; number < calls; number++) {
    int64_t one = call(connection, of_one, strlen(topic), 1), all = call(connection, of_all, strlen(topic), partitions);
    if (number >= 0) samples[number][0] = one, samples[number][1] = all;
  }
  for (long number = 0; number < calls; number++)
    printf("%lld %lld\n", (long long)samples[number][0], (long long)samples[number][1]);
}
