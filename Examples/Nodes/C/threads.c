// A node for the workloads echo and broadcast, with POSIX threads: one for the requests, one for the gossip.
//
// A value is sent to each peer again and again until the peer acknowledges it.
#include "message.h"

#include <err.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/random.h>
#include <time.h>

enum { MILLISECOND = 1000000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *gossip_forever(void *unused) {
  (void)unused;
  while (true) {
    uint16_t random;
    if (getrandom(&random, sizeof random, 0) < 0) err(1, "getrandom");
    struct timespec pause = {.tv_nsec = (200 + random % 100) * MILLISECOND};
    nanosleep(&pause, NULL);
    pthread_mutex_lock(&lock);
    gossip();
    pthread_mutex_unlock(&lock);
  }
}

int main(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, gossip_forever, NULL) != 0) errx(1, "pthread_create");
  char *line = NULL;
  for (size_t size = 0; getline(&line, &size, stdin) >= 0;) {
    pthread_mutex_lock(&lock);
    handle(line);
    pthread_mutex_unlock(&lock);
  }
  free(line);
}
