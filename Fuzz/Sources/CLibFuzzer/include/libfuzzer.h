// libFuzzer, for a program that has a `main` of its own, as every Swift one does.
// https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef void (*FuzzTarget)(const uint8_t *data, size_t size);

// Hands one input after the other to the target, as the command line's flags say. Returns the exit
// status; a crash ends the process.
int fuzz(int argc, char **argv, FuzzTarget target);
