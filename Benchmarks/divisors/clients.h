// What the divisors share: time, librdkafka's clients, the Python worker, and the stop on the first error.
#pragma once
#include <librdkafka/rdkafka.h>
#include <stddef.h>
#include <stdint.h>

// Ends the program with a message: a divisor that met an error has no figure.
_Noreturn void stop(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Monotonic time. All programs of one run can compare theirs.
int64_t now_nanoseconds(void);

// CPU time of this process, user and system.
int64_t cpu_nanoseconds(void);

// A client with the settings that the divisors agree on and the given pairs of name and value, ended by NULL.
rd_kafka_t *new_client(rd_kafka_type_t type, const char *bootstrap, ...);

// A producer: acks=all, linger as given in milliseconds.
rd_kafka_t *new_producer(const char *bootstrap, const char *linger_milliseconds);

typedef enum { from_beginning, from_end } start_t;

// A connected consumer (no group) of all partitions of a topic, which fetches nothing yet, and the positions to begin at.
rd_kafka_t *new_consumer(const char *bootstrap, const char *topic, int partitions, start_t start,
                         rd_kafka_topic_partition_list_t **positions);

// Begins to fetch, from the positions, which are freed.
void begin_consuming(rd_kafka_t *consumer, rd_kafka_topic_partition_list_t *positions);

// The next record, which the caller destroys; NULL where none has come in time.
rd_kafka_message_t *next_record(rd_kafka_t *consumer, int timeout_milliseconds);

// Appends a record; waits while the producer's queue is full. `key` may be NULL. The value is copied.
void append(rd_kafka_t *producer, rd_kafka_topic_t *topic, int32_t partition, const void *value, size_t length,
            const void *key, size_t key_length);

// One /usr/bin/python3 behind a socket pair. A frame either way: count, count lengths (little-endian uint32), the bytes.
typedef struct {
  int descriptor;
  int pid;
} worker_t;

typedef struct {
  const void *bytes;
  uint32_t length;
} slice_t;

// Starts the worker with the script, and waits until it has answered once.
worker_t start_worker(const char *script);

// Gives the worker a batch and waits for as many answers. They stay valid until the next call.
void call_worker(worker_t *worker, const slice_t *events, uint32_t count, slice_t *answers);
