#define _GNU_SOURCE
#include "CSandbox.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int csandbox_send_request(int socket, const struct csandbox_request *request,
                          const struct csandbox_descriptors *descriptors) {
  unsigned count = 3 + request->cgroup_count;
  if (request->cgroup_count > CSANDBOX_CGROUPS) return E2BIG;
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE((3 + CSANDBOX_CGROUPS) * sizeof(int))];
  } control;
  memset(&control, 0, sizeof control);
  struct iovec part = {(void *)request, sizeof *request};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control};
  message.msg_controllen = CMSG_SPACE(count * sizeof(int));
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(count * sizeof(int));
  memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
  ssize_t sent = sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) return errno;
  return sent == (ssize_t)sizeof *request ? 0 : EMSGSIZE;
}

int csandbox_receive_reply(int socket, struct csandbox_reply *reply, int *pidfd) {
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control;
  struct iovec part = {reply, sizeof *reply};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  *pidfd = -1;
  ssize_t received = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (received < 0) return -errno;
  if (received == 0) return 0;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
    memcpy(pidfd, CMSG_DATA(header), sizeof *pidfd);
  if (received != (ssize_t)sizeof *reply) return -EPROTO;
  reply->step[CSANDBOX_STEP - 1] = 0;
  return 1;
}
