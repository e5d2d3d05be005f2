// The divisor of goal 1: client → topic A → executor with one Python worker → topic B → client, nothing else.
//
//   two-hops BOOTSTRAP TOPIC_A TOPIC_B WORKER_SCRIPT EVENT WARM COUNT
//
// Prints the nanoseconds of each of COUNT calls, one a line, after WARM that are not printed. linger 0, acks=all.
#include "clients.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// Serves until it is killed. Writes one byte to `ready` once it sees what is produced to topic A.
static _Noreturn void execute(const char *bootstrap, const char *from, const char *to, const char *script, int ready) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  worker_t worker = start_worker(script);
  rd_kafka_topic_partition_list_t *positions;
  rd_kafka_t *consumer = new_consumer(bootstrap, from, 1, from_end, &positions);
  begin_consuming(consumer, positions);
  rd_kafka_t *producer = new_producer(bootstrap, "0");
  rd_kafka_topic_t *topic = rd_kafka_topic_new(producer, to, NULL);
  if (write(ready, "r", 1) != 1) stop("ready: %s", strerror(errno));
  for (;;) {
    rd_kafka_message_t *record = next_record(consumer, 1000);
    if (!record) continue;
    slice_t answer;
    call_worker(&worker, &(slice_t){record->payload, record->len}, 1, &answer);
    append(producer, topic, 0, answer.bytes, answer.length, record->key, record->key_len);
    rd_kafka_message_destroy(record);
    rd_kafka_poll(producer, 0);
  }
}

int main(int count, char **words) {
  if (count != 8) stop("usage: two-hops BOOTSTRAP TOPIC_A TOPIC_B WORKER_SCRIPT EVENT WARM COUNT");
  const char *bootstrap = words[1], *to = words[2], *from = words[3], *event = words[5];
  long warm = atol(words[6]), calls = atol(words[7]);
  int ready[2];
  if (pipe(ready)) stop("pipe: %s", strerror(errno));
  pid_t executor = fork();
  if (executor == 0) execute(bootstrap, to, from, words[4], ready[1]);
  close(ready[1]);

  rd_kafka_topic_partition_list_t *positions;
  rd_kafka_t *consumer = new_consumer(bootstrap, from, 1, from_end, &positions);
  begin_consuming(consumer, positions);
  rd_kafka_t *producer = new_producer(bootstrap, "0");
  rd_kafka_topic_t *topic = rd_kafka_topic_new(producer, to, NULL);
  char byte;
  if (read(ready[0], &byte, 1) != 1) stop("the executor ended");
  int64_t *samples = calloc(calls, sizeof *samples);
  for (long number = -warm; number < calls; number++) {
    int64_t start = now_nanoseconds();
    append(producer, topic, 0, event, strlen(event), &number, sizeof number);
    rd_kafka_message_t *record = next_record(consumer, 30000);
    if (!record) stop("no answer after 30 s");
    if (record->key_len != sizeof number || memcmp(record->key, &number, sizeof number)) stop("another call's answer");
    rd_kafka_message_destroy(record);
    if (number >= 0) samples[number] = now_nanoseconds() - start;
    rd_kafka_poll(producer, 0);
  }
  for (long number = 0; number < calls; number++) printf("%lld\n", (long long)samples[number]);
  fflush(stdout);
  kill(executor, SIGKILL);
  waitpid(executor, NULL, 0);
  _exit(0);
}
