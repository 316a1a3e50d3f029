#define _GNU_SOURCE
#include "probe.h"

#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static volatile int ended;

static void note_end(int signal) {
  (void)signal;
  ended++;
}

/// A child that sleeps and then exits with a code.
static pid_t child(int delay, int code) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid != 0) return pid;
  struct timespec time = milliseconds(delay);
  nanosleep(&time, NULL);
  _exit(code);
}

static void probe_waits(void) {
  int status = 0;
  siginfo_t info = {0};
  SHOW("wait without a child", waitpid(-1, &status, 0));
  pid_t first = child(20, 3);
  SHOW("wait that does not wait", waitpid(first, &status, WNOHANG));
  printf("waited for it: %d\n", waitpid(first, &status, 0) == first);
  printf("code %d\n", WEXITSTATUS(status));
  pid_t second = child(30, 4), third = child(10, 5);
  printf("the other: %d\n", waitpid(second, &status, 0) == second);
  printf("any: %d, code %d\n", wait(&status) == third, WEXITSTATUS(status));
  pid_t fourth = child(10, 6);
  SHOW("waitid that leaves it", waitid(P_PID, (id_t)fourth, &info, WEXITED | WNOWAIT));
  printf("status %d\n", info.si_status);
  SHOW("waitid", waitid(P_ALL, 0, &info, WEXITED));
  SHOW("waitid without a child", waitid(P_ALL, 0, &info, WEXITED));
  pid_t fifth = child(100000, 0);
  SHOW("kill of a child", kill(fifth, SIGKILL));
  printf("waited for it: %d\n", waitpid(fifth, &status, 0) == fifth);
  printf("signal %d\n", WTERMSIG(status));
}

static void probe_programs(void) {
  char line[64] = "";
  FILE *output = popen("echo from a shell; exit 2", "r");
  printf("line: %s", fgets(line, sizeof line, output));
  SHOW("pclose", WEXITSTATUS(pclose(output)));
  SHOW("system", WEXITSTATUS(system("sleep 0.02; exit 3")));
  fflush(stdout);
  pid_t pid;
  char *arguments[] = {"true", NULL};
  SHOW("posix_spawn", posix_spawn(&pid, "/bin/true", NULL, NULL, arguments, environ));
  int status;
  printf("waited for it: %d\n", waitpid(pid, &status, 0) == pid && status == 0);
  SHOW("posix_spawn of no file", posix_spawn(&pid, "/no/such/file", NULL, NULL, arguments, environ));
  fflush(stdout);
  pid = vfork();
  if (pid == 0) _exit(7);
  printf("vfork: %d\n", waitpid(pid, &status, 0) == pid);
  printf("code %d\n", WEXITSTATUS(status));
}

/// More bytes than a pipe holds.
static void probe_full_pipe(void) {
  FILE *output = popen("head -c 300000 /dev/zero", "r");
  char buffer[4096];
  size_t total = 0;
  for (size_t count; (count = fread(buffer, 1, sizeof buffer, output)) > 0;) total += count;
  printf("read %zu\n", total);
  SHOW("pclose", pclose(output));
}

static void *wait_for_ever(void *unused) {
  pause();
  return unused;
}

static void *exit_all(void *code) { _exit((int)(intptr_t)code); }

/// Children that end in other ways: by a thread, by the end of all threads, with threads that wait, by a signal.
static void probe_ends(void) {
  int status;
  for (int way = 0; way < 4; way++) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
      pthread_t thread;
      struct timespec time = milliseconds(10);
      if (way == 0) pthread_create(&thread, NULL, exit_all, (void *)9), pause();
      if (way == 1) pthread_create(&thread, NULL, wait_for_ever, NULL), nanosleep(&time, NULL), _exit(8);
      if (way == 2) pthread_create(&thread, NULL, exit_all, (void *)6), pthread_exit(NULL);
      if (way == 3) pthread_create(&thread, NULL, wait_for_ever, NULL), kill(getpid(), SIGTERM), pause();
    }
    printf("waited for it: %d\n", waitpid(pid, &status, 0) == pid);
    if (WIFEXITED(status)) printf("code %d\n", WEXITSTATUS(status));
    if (WIFSIGNALED(status)) printf("signal %d\n", WTERMSIG(status));
  }
}

void probe_children(void) {
  probe_waits();
  struct sigaction action = {.sa_handler = note_end, .sa_flags = 0};
  sigaction(SIGCHLD, &action, NULL);
  child(20, 0);
  struct timespec time = milliseconds(1000), rest;
  SHOW("a sleep until a child ends", nanosleep(&time, &rest));
  printf("ended %d\n", ended);
  SHOW("wait", wait(NULL) > 0);
  signal(SIGCHLD, SIG_DFL);
  probe_programs();
  probe_full_pipe();
  probe_ends();
}
