#define _GNU_SOURCE
#include "CStorage.h"
#include "eddy_result.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

_Static_assert(EDQUOT == 122, "the header states the kernel's value");

int32_t eddy_storage_make_directory(const char *path) { return (int32_t)eddy_result_of(mkdir(path, 0777)); }

int32_t eddy_storage_open_directory(const char *path) {
  int64_t result;
  EDDY_UNINTERRUPTED(result, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return (int32_t)result;
}

int32_t eddy_storage_lock(int32_t directory) {
  int64_t result;
  EDDY_UNINTERRUPTED(result, flock(directory, LOCK_EX | LOCK_NB));
  return (int32_t)result;
}

int32_t eddy_storage_open(int32_t directory, const char *name) {
  int64_t result;
  EDDY_UNINTERRUPTED(result, openat(directory, name, O_RDWR | O_CLOEXEC));
  return (int32_t)result;
}

int32_t eddy_storage_create(int32_t directory, const char *name) {
  int64_t result;
  EDDY_UNINTERRUPTED(result, openat(directory, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  return (int32_t)result;
}

int64_t eddy_storage_length(int32_t file) {
  struct stat status;
  return fstat(file, &status) < 0 ? -errno : (int64_t)status.st_size;
}

int64_t eddy_storage_read_at(int32_t file, void *buffer, size_t count, int64_t offset) {
  int64_t result;
  EDDY_UNINTERRUPTED(result, pread(file, buffer, count, offset));
  return result;
}

int64_t eddy_storage_write_at(int32_t file, const void *bytes, size_t count, int64_t offset) {
  int64_t result;
  EDDY_UNINTERRUPTED(result, pwrite(file, bytes, count, offset));
  return result;
}

int32_t eddy_storage_truncate(int32_t file, int64_t length) {
  int64_t result;
  EDDY_UNINTERRUPTED(result, ftruncate(file, length));
  return (int32_t)result;
}

int32_t eddy_storage_sync_data(int32_t file) {
  int64_t result;
  EDDY_UNINTERRUPTED(result, fdatasync(file));
  return (int32_t)result;
}

int32_t eddy_storage_sync_directory(int32_t directory) {
  int64_t result;
  EDDY_UNINTERRUPTED(result, fsync(directory));
  return (int32_t)result;
}

int32_t eddy_storage_rename(int32_t directory, const char *from, const char *to) {
  return (int32_t)eddy_result_of(renameat(directory, from, directory, to));
}

int32_t eddy_storage_remove(int32_t directory, const char *name) {
  return (int32_t)eddy_result_of(unlinkat(directory, name, 0));
}

int32_t eddy_storage_sleep(int64_t nanoseconds) {
  struct timespec left = {.tv_sec = 0, .tv_nsec = nanoseconds};
  int64_t result;
  // After a signal, the rest.
  EDDY_UNINTERRUPTED(result, nanosleep(&left, &left));
  return (int32_t)result;
}
