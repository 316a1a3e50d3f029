#define _GNU_SOURCE
#include "probe.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <unistd.h>

void probe_machine(void) {
  uint8_t bytes[64] = {0};
  SHOW("getrandom", getrandom(bytes, sizeof bytes, 0));
  SHOW("getrandom of nothing", getrandom(bytes, 0, 0));
  SHOW("getentropy", getentropy(bytes, 16));
  static const char *const devices[] = {"/dev/urandom", "/dev/random"};
  for (int i = 0; i < 2; i++) {
    int file = open(devices[i], O_RDONLY);
    SHOW(devices[i], read(file, bytes, 16));
    close(file);
  }
  struct sysinfo information;
  SHOW("sysinfo", sysinfo(&information));
  printf("memory: %d, processes: %d\n", information.totalram > 0 && information.freeram > 0, information.procs > 0);
  struct rusage usage;
  SHOW("getrusage", getrusage(RUSAGE_SELF, &usage));
  struct tms times_used;
  SHOW("times", times(&times_used) >= 0);
  cpu_set_t processors;
  SHOW("sched_getaffinity", sched_getaffinity(0, sizeof processors, &processors));
  printf("processors: %d\n", CPU_COUNT(&processors) > 0);
  SHOW("sched_setaffinity", sched_setaffinity(0, sizeof processors, &processors));
  unsigned processor;
  SHOW("getcpu", getcpu(&processor, NULL));
  printf("allowed: %d\n", CPU_ISSET(processor, &processors) != 0);
  SHOW("sched_getcpu", sched_getcpu() >= 0);
}
