#define _GNU_SOURCE
#include "probe.h"

#include <stdlib.h>

int main(int count, char **arguments) {
  static const struct {
    const char *name;
    void (*probe)(void);
  } probes[] = {
      {"clocks", probe_clocks},   {"waiting", probe_waiting},   {"threads", probe_threads}, {"timers", probe_timers},
      {"signals", probe_signals}, {"children", probe_children}, {"machine", probe_machine},
  };
  for (size_t i = 0; i < sizeof probes / sizeof *probes; i++) {
    if (count < 2 || strcmp(arguments[1], probes[i].name) == 0) probes[i].probe();
  }
  return EXIT_SUCCESS;
}
