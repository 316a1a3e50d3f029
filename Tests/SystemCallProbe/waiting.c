#define _GNU_SOURCE
#include "probe.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

/// Writes a byte into a descriptor after 20 ms.
static void *write_later(void *descriptor) {
  struct timespec delay = milliseconds(20);
  nanosleep(&delay, NULL);
  ssize_t written = write((int)(intptr_t)descriptor, "x", 1);
  return (void *)written;
}

static pthread_t later(int descriptor) {
  pthread_t thread;
  pthread_create(&thread, NULL, write_later, (void *)(intptr_t)descriptor);
  return thread;
}

/// Makes a set of one descriptor.
static void only(int descriptor, fd_set *set) {
  FD_ZERO(set);
  FD_SET(descriptor, set);
}

static void probe_poll(int in, int out) {
  struct pollfd one = {.fd = in, .events = POLLIN};
  int64_t start = now_of(CLOCK_MONOTONIC);
  SHOW("poll of nothing", poll(&one, 1, 30));
  printf("waited: %d, found %x\n", has_passed(start, 30), one.revents);
  SHOW("poll at once", poll(&one, 1, 0));
  pthread_t thread = later(out);
  SHOW("poll for a byte", poll(&one, 1, -1));
  printf("found %x\n", one.revents);
  pthread_join(thread, NULL);
  struct pollfd several[] = {{.fd = in, .events = POLLIN}, {.fd = out, .events = POLLOUT}, {.fd = -1}, {.fd = 999}};
  SHOW("poll of several", poll(several, 4, -1));
  for (int i = 0; i < 4; i++) printf("found %x\n", several[i].revents);
  SHOW("poll of none", poll(NULL, 0, 10));
  SHOW("poll of a wrong address", poll((struct pollfd *)8, 1, 0));
  struct timespec timeout = milliseconds(20);
  start = now_of(CLOCK_MONOTONIC);
  SHOW("ppoll", ppoll(NULL, 0, &timeout, NULL));
  printf("waited: %d\n", has_passed(start, 20));
  char byte;
  SHOW("read", read(in, &byte, 1));
}

static void probe_select(int in, int out) {
  fd_set readable, writable;
  FD_ZERO(&readable);
  FD_ZERO(&writable);
  FD_SET(in, &readable);
  FD_SET(out, &writable);
  SHOW("select", select(out + 1, &readable, &writable, NULL, NULL));
  printf("found %d %d\n", FD_ISSET(in, &readable) != 0, FD_ISSET(out, &writable) != 0);
  only(in, &readable);
  struct timeval timeout = {.tv_usec = 20000};
  int64_t start = now_of(CLOCK_MONOTONIC);
  SHOW("select of nothing", select(in + 1, &readable, NULL, NULL, &timeout));
  printf("waited: %d, found %d\n", has_passed(start, 20), FD_ISSET(in, &readable) != 0);
  pthread_t thread = later(out);
  only(in, &readable);
  SHOW("pselect for a byte", pselect(in + 1, &readable, NULL, NULL, NULL, NULL));
  printf("found %d\n", FD_ISSET(in, &readable) != 0);
  pthread_join(thread, NULL);
  only(60, &readable);
  SHOW("select of a closed one", select(61, &readable, NULL, NULL, NULL));
  char byte;
  SHOW("read", read(in, &byte, 1));
}

static void probe_epoll(int in, int out) {
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event added = {.events = EPOLLIN, .data.u64 = 0x1234567890ABCDEF}, found[4];
  SHOW("epoll_ctl", epoll_ctl(epoll, EPOLL_CTL_ADD, in, &added));
  int64_t start = now_of(CLOCK_MONOTONIC);
  SHOW("epoll_wait for nothing", epoll_wait(epoll, found, 4, 20));
  printf("waited: %d\n", has_passed(start, 20));
  pthread_t thread = later(out);
  SHOW("epoll_wait", epoll_wait(epoll, found, 4, -1));
  printf("found %x %llx\n", found[0].events, (unsigned long long)found[0].data.u64);
  pthread_join(thread, NULL);
  SHOW("epoll_pwait again", epoll_pwait(epoll, found, 4, 0, NULL));
  struct timespec timeout = milliseconds(20);
  SHOW("epoll_pwait2", syscall(SYS_epoll_pwait2, epoll, found, 4, &timeout, NULL, 0));
  added.events = EPOLLIN | EPOLLET;
  SHOW("edge-triggered", epoll_ctl(epoll, EPOLL_CTL_MOD, in, &added));
  SHOW("once", epoll_wait(epoll, found, 4, 0));
  SHOW("and not again", epoll_wait(epoll, found, 4, 10));
  added.events = EPOLLIN | EPOLLONESHOT;
  SHOW("one shot", epoll_ctl(epoll, EPOLL_CTL_MOD, in, &added));
  SHOW("once", epoll_wait(epoll, found, 4, 0));
  SHOW("and not again", epoll_wait(epoll, found, 4, 10));
  SHOW("epoll_wait for no events", epoll_wait(epoll, found, 0, 0));
  SHOW("epoll_wait of a pipe", epoll_wait(in, found, 4, 0));
  SHOW("epoll_wait of a closed one", epoll_wait(999, found, 4, 0));
  char byte;
  SHOW("read", read(in, &byte, 1));
  close(epoll);

  // An epoll descriptor within another, a counter and a timer.
  int outer = epoll_create1(0), inner = epoll_create1(0), counter = eventfd(0, EFD_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = 5};
  epoll_ctl(outer, EPOLL_CTL_ADD, inner, &event);
  epoll_ctl(inner, EPOLL_CTL_ADD, counter, &event);
  SHOW("nothing within", epoll_wait(outer, found, 4, 10));
  uint64_t value = 3;
  SHOW("write of a counter", write(counter, &value, 8));
  SHOW("something within", epoll_wait(outer, found, 4, -1));
  SHOW("read of a counter", read(counter, &value, 8));
  printf("value %llu\n", (unsigned long long)value);
  SHOW("read of an empty counter", read(counter, &value, 8));
  close(outer), close(inner), close(counter);
}

/// Connects to the socket of this address after 20 ms.
static void *connect_later(void *address) {
  struct timespec delay = milliseconds(20);
  nanosleep(&delay, NULL);
  int client = socket(AF_UNIX, SOCK_STREAM, 0);
  intptr_t result = connect(client, address, sizeof(struct sockaddr_un));
  close(client);
  return (void *)result;
}

static void probe_sockets(void) {
  int pair[2];
  char bytes[8];
  SHOW("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  SHOW("recv that does not wait", recv(pair[0], bytes, 8, MSG_DONTWAIT));
  pthread_t thread = later(pair[1]);
  SHOW("recv", recv(pair[0], bytes, 8, 0));
  pthread_join(thread, NULL);
  thread = later(pair[1]);
  struct iovec part = {bytes, 8};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  SHOW("recvmsg", recvmsg(pair[0], &message, 0));
  pthread_join(thread, NULL);
  close(pair[1]);
  SHOW("recv of the end", recv(pair[0], bytes, 8, 0));
  close(pair[0]);

  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  // A name without a file, by the process's number.
  snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "eddy-probe-%d-%lld", getpid(), (long long)time(NULL));
  SHOW("bind", bind(server, (struct sockaddr *)&address, sizeof address));
  SHOW("listen", listen(server, 1));
  pthread_create(&thread, NULL, connect_later, &address);
  int accepted = accept4(server, NULL, NULL, SOCK_CLOEXEC);
  printf("accepted: %d\n", accepted >= 0);
  pthread_join(thread, NULL);
  close(accepted), close(server);
}

void probe_waiting(void) {
  int ends[2];
  SHOW("pipe", pipe(ends));
  probe_poll(ends[0], ends[1]);
  probe_select(ends[0], ends[1]);
  probe_epoll(ends[0], ends[1]);

  char bytes[8];
  pthread_t thread = later(ends[1]);
  SHOW("a read that waits", read(ends[0], bytes, 8));
  pthread_join(thread, NULL);
  thread = later(ends[1]);
  struct iovec parts[] = {{bytes, 4}, {bytes + 4, 4}};
  SHOW("a readv that waits", readv(ends[0], parts, 2));
  pthread_join(thread, NULL);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  SHOW("a read that does not", read(ends[0], bytes, 8));
  close(ends[1]);
  SHOW("a read of the end", read(ends[0], bytes, 8));
  struct pollfd ended = {.fd = ends[0], .events = POLLIN};
  SHOW("a poll of the end", poll(&ended, 1, -1));
  printf("found %x\n", ended.revents);
  close(ends[0]);
  SHOW("a read of a closed one", read(ends[0], bytes, 8));
  SHOW("a read of a file", open("/etc/passwd", O_RDONLY) >= 0);
  probe_sockets();
}
