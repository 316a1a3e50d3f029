#include "libfuzzer.h"

extern int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *, size_t));

static FuzzTarget fuzzTarget;

// libFuzzer's own `main` is linked too and refers to this name, although it never runs.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzzTarget(data, size);
  return 0;
}

int fuzz(int argc, char **argv, FuzzTarget target) {
  fuzzTarget = target;
  return LLVMFuzzerRunDriver(&argc, &argv, LLVMFuzzerTestOneInput);
}
