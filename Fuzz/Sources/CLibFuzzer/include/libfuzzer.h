// libFuzzer as a library, for a program with its own `main`, as every Swift program has.
// https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef void (*FuzzTarget)(const uint8_t *data, size_t size);

// Passes one input after the other to the target, according to the command line's flags. Returns the exit
// status. A crash of the target ends the process.
int fuzz(int argc, char **argv, FuzzTarget target);
