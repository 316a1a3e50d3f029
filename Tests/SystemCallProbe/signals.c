#define _GNU_SOURCE
#include "probe.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int handled;
static pthread_t main_thread;

static void handle(int signal) {
  (void)signal;
  handled++;
}

static void install(int flags) {
  struct sigaction action = {.sa_handler = handle, .sa_flags = flags};
  sigaction(SIGUSR1, &action, NULL);
}

/// Sends the main thread a signal after 20 ms, and writes a byte into a pipe after 20 ms more.
static void *disturb(void *descriptor) {
  struct timespec delay = milliseconds(20);
  nanosleep(&delay, NULL);
  pthread_kill(main_thread, SIGUSR1);
  nanosleep(&delay, NULL);
  if (descriptor != NULL) {
    ssize_t written = write((int)(intptr_t)descriptor, "x", 1);
    (void)written;
  }
  return NULL;
}

static pthread_t disturbance(int descriptor) {
  pthread_t thread;
  pthread_create(&thread, NULL, disturb, (void *)(intptr_t)descriptor);
  return thread;
}

static void probe_interruptions(int flags) {
  install(flags);
  int ends[2];
  if (pipe(ends) < 0) return;
  char byte;
  handled = 0;
  pthread_t thread = disturbance(ends[1]);
  SHOW("read", read(ends[0], &byte, 1));
  printf("handled %d\n", handled);
  pthread_join(thread, NULL);
  struct timespec time = milliseconds(100), rest = {0};
  thread = disturbance(0);
  SHOW("nanosleep", nanosleep(&time, &rest));
  printf("left: %d\n", rest.tv_nsec > 0 && rest.tv_nsec < 90000000);
  pthread_join(thread, NULL);
  struct pollfd polled = {.fd = -1};
  thread = disturbance(0);
  SHOW("poll", poll(&polled, 1, 100));
  pthread_join(thread, NULL);
  thread = disturbance(0);
  SHOW("pause", pause());
  pthread_join(thread, NULL);
  printf("handled %d\n", handled);
  close(ends[0]), close(ends[1]);
}

void probe_signals(void) {
  main_thread = pthread_self();
  printf("without SA_RESTART\n");
  probe_interruptions(0);
  printf("with SA_RESTART\n");
  probe_interruptions(SA_RESTART);

  handled = 0;
  SHOW("raise", raise(SIGUSR1));
  SHOW("kill", kill(getpid(), SIGUSR1));
  printf("handled %d\n", handled);

  sigset_t blocked, none;
  sigemptyset(&none), sigemptyset(&blocked), sigaddset(&blocked, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &blocked, NULL);
  struct timespec timeout = milliseconds(20);
  SHOW("sigtimedwait for nothing", sigtimedwait(&blocked, NULL, &timeout));
  pthread_t thread = disturbance(0);
  SHOW("sigwaitinfo", sigwaitinfo(&blocked, NULL));
  pthread_join(thread, NULL);
  handled = 0;
  thread = disturbance(0);
  SHOW("sigsuspend", sigsuspend(&none));
  printf("handled %d\n", handled);
  pthread_join(thread, NULL);
  // One that waits already.
  raise(SIGUSR1);
  SHOW("sigsuspend at once", sigsuspend(&none));
  raise(SIGUSR1);
  SHOW("sigtimedwait at once", sigtimedwait(&blocked, NULL, &timeout));
  pthread_sigmask(SIG_UNBLOCK, &blocked, NULL);
  signal(SIGUSR1, SIG_IGN);
  SHOW("an ignored signal", kill(getpid(), SIGUSR1));
  SHOW("kill of no process", kill(999999, 0));
}
