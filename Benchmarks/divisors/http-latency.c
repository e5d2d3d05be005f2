// One client on one kept-alive connection: POST, wait, again.
//
//   http-latency HOST PORT PATH TOKEN BODY WARM COUNT
//
// Prints the nanoseconds of each of COUNT calls, one a line, after WARM that are not printed. Any status but 200 ends it.
#define _GNU_SOURCE
#include "clients.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static int connect_to(const char *host, const char *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) stop("%s is no IPv4 address", host);
  int connection = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(connection, (struct sockaddr *)&address, sizeof address)) stop("%s:%s: %s", host, port, strerror(errno));
  return connection;
}

static void call(int connection, const char *request, size_t length) {
  static char answer[65536];
  for (size_t sent = 0; sent < length;) {
    ssize_t count = write(connection, request + sent, length - sent);
    if (count < 0) stop("write: %s", strerror(errno));
    sent += count;
  }
  size_t have = 0, end = 0;
  while (!end || have < end) {
    ssize_t count = read(connection, answer + have, sizeof answer - 1 - have);
    if (count <= 0) stop("read: %s", count ? strerror(errno) : "the server closed the connection");
    have += count;
    answer[have] = 0;
    const char *body = end ? NULL : strstr(answer, "\r\n\r\n");
    if (!body) continue;
    if (strncmp(answer, "HTTP/1.1 200", 12)) stop("answered:\n%s", answer);
    const char *field = strcasestr(answer, "\r\ncontent-length:");
    if (!field || field > body) stop("no Content-Length:\n%s", answer);
    end = body + 4 - answer + strtoul(field + 17, NULL, 10);
    if (end > sizeof answer - 1) stop("an answer of %zu bytes", end);
  }
  if (have != end) stop("%zu bytes after the answer", have - end);
}

int main(int count, char **words) {
  if (count != 8) stop("usage: http-latency HOST PORT PATH TOKEN BODY WARM COUNT");
  long warm = atol(words[6]), calls = atol(words[7]);
  char *request;
  int length = asprintf(&request,
                        "POST %s HTTP/1.1\r\nHost: %s:%s\r\nAuthorization: Bearer %s\r\n"
                        "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                        words[3], words[1], words[2], words[4], strlen(words[5]), words[5]);
  int connection = connect_to(words[1], words[2]);
  int64_t *samples = calloc(calls, sizeof *samples);
  for (long number = -warm; number < calls; number++) {
    int64_t start = now_nanoseconds();
    call(connection, request, length);
    if (number >= 0) samples[number] = now_nanoseconds() - start;
  }
  for (long number = 0; number < calls; number++) printf("%lld\n", (long long)samples[number]);
}
