#define _GNU_SOURCE
#include "probe.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <unistd.h>

static long futex(uint32_t *word, int operation, uint32_t value, const void *timeout, uint32_t *other, uint32_t last) {
  return syscall(SYS_futex, word, operation, value, timeout, other, last);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static sem_t semaphore;
static long counter;
static int turn;

static void *count(void *own) {
  for (int i = 0; i < 500; i++) {
    pthread_mutex_lock(&mutex);
    long before = counter;
    if (i % 100 == 0) sched_yield();
    counter = before + 1;
    pthread_mutex_unlock(&mutex);
  }
  pthread_barrier_wait(&barrier);
  pthread_rwlock_rdlock(&rwlock);
  pthread_rwlock_unlock(&rwlock);
  pthread_mutex_lock(&mutex);
  while (turn != (int)(intptr_t)own) pthread_cond_wait(&condition, &mutex);
  turn++;
  pthread_cond_broadcast(&condition);
  pthread_mutex_unlock(&mutex);
  sem_post(&semaphore);
  return own;
}

static uint32_t words[2];

static void *wait_at_word(void *operation) {
  return (void *)futex(&words[0], (int)(intptr_t)operation, 1, NULL, NULL, 2);
}

/// Waits until so many threads sleep at the words: each has a moment to get there.
static void settle(void) {
  struct timespec moment = milliseconds(50);
  nanosleep(&moment, NULL);
}

static void probe_futex(void) {
  struct timespec timeout = milliseconds(20);
  words[0] = 1, words[1] = 7;
  SHOW("futex wait for another value", futex(&words[0], FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0));
  int64_t start = now_of(CLOCK_MONOTONIC);
  SHOW("futex wait with a timeout", futex(&words[0], FUTEX_WAIT_PRIVATE, 1, &timeout, NULL, 0));
  printf("waited: %d\n", has_passed(start, 20));
  SHOW("futex wait until", futex(&words[0], FUTEX_WAIT_BITSET_PRIVATE, 1, &timeout, NULL, 1));
  SHOW("futex wait without bits", futex(&words[0], FUTEX_WAIT_BITSET_PRIVATE, 1, NULL, NULL, 0));
  SHOW("futex wait at no address", futex(NULL, FUTEX_WAIT_PRIVATE, 1, NULL, NULL, 0));
  struct timespec wrong = {0, -1};
  SHOW("futex wait with a wrong timeout", futex(&words[0], FUTEX_WAIT_PRIVATE, 1, &wrong, NULL, 0));
  SHOW("futex wake of nobody", futex(&words[0], FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));

  pthread_t threads[4];
  for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, wait_at_word, (void *)FUTEX_WAIT_PRIVATE);
  settle();
  SHOW("futex wake", futex(&words[0], FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
  SHOW("futex requeue of another value", futex(&words[0], FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)1, &words[1], 5));
  SHOW("futex requeue", futex(&words[0], FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)1, &words[1], 1));
  SHOW("futex wake of the moved", futex(&words[1], FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
  // Adds 1 to the second word, wakes the last one, and compares the second with 7.
  uint32_t change = FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 7);
  SHOW("futex wake with a change", futex(&words[0], FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, &words[1], change));
  printf("word %u\n", words[1]);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  pthread_create(&threads[0], NULL, wait_at_word, (void *)FUTEX_WAIT_BITSET_PRIVATE);
  settle();
  SHOW("futex wake of other bits", futex(&words[0], FUTEX_WAKE_BITSET_PRIVATE, 9, NULL, NULL, 4));
  SHOW("futex wake of its bits", futex(&words[0], FUTEX_WAKE_BITSET_PRIVATE, 9, NULL, NULL, 6));
  pthread_join(threads[0], NULL);
}

void probe_threads(void) {
  probe_futex();
  pthread_t threads[4];
  pthread_barrier_init(&barrier, NULL, 4);
  sem_init(&semaphore, 0, 0);
  pthread_rwlock_wrlock(&rwlock);
  for (int i = 0; i < 4; i++) SHOW("thread", pthread_create(&threads[i], NULL, count, (void *)(intptr_t)i));
  settle();
  pthread_rwlock_unlock(&rwlock);
  for (int i = 0; i < 4; i++) {
    SHOW("semaphore", sem_wait(&semaphore));
    void *result;
    SHOW("join", pthread_join(threads[i], &result));
    printf("result %ld\n", (long)result);
  }
  printf("counted %ld\n", counter);
  int64_t start = now_of(CLOCK_MONOTONIC);
  int64_t end = now_of(CLOCK_REALTIME) + 20000000;
  struct timespec until = {end / 1000000000, end % 1000000000};
  SHOW("semaphore with a timeout", sem_timedwait(&semaphore, &until));
  printf("waited: %d\n", has_passed(start, 15));
  pthread_mutex_lock(&mutex);
  SHOW("condition with a timeout", pthread_cond_timedwait(&condition, &mutex, &until) == ETIMEDOUT);
  pthread_mutex_unlock(&mutex);
  SHOW("sched_yield", sched_yield());
}
