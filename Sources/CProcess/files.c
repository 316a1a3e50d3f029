#define _GNU_SOURCE
#include "CProcess.h"
#include "eddy_result.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(EDDY_PATH_CAPACITY == PATH_MAX, "realpath fills PATH_MAX bytes");

static int flags_of(eddy_open_mode mode) {
  switch (mode) {
    case EDDY_OPEN_READ: return O_RDONLY;
    case EDDY_OPEN_WRITE: return O_WRONLY;
    case EDDY_OPEN_REPLACE: return O_WRONLY | O_CREAT | O_TRUNC;
    case EDDY_OPEN_APPEND: return O_WRONLY | O_CREAT | O_APPEND;
  }
  return -1;
}

int32_t eddy_open(const char *path, eddy_open_mode mode) {
  int64_t result;
  EDDY_UNINTERRUPTED(result, open(path, flags_of(mode) | O_CLOEXEC, 0666));
  return (int32_t)result;
}

int64_t eddy_seek_back(int32_t fd, int64_t count) {
  int64_t size = eddy_result_of(lseek(fd, 0, SEEK_END));
  return size < 0 ? size : eddy_result_of(lseek(fd, size > count ? size - count : 0, SEEK_SET));
}

int32_t eddy_make_directory(const char *path) { return (int32_t)eddy_result_of(mkdir(path, 0777)); }

int32_t eddy_remove_file(const char *path) { return (int32_t)eddy_result_of(unlink(path)); }

static int remove_entry(const char *path, const struct stat *file, int kind, struct FTW *position) {
  (void)file, (void)kind, (void)position;
  return remove(path);
}

int32_t eddy_remove_tree(const char *path) {
  enum { MAXIMUM_DESCRIPTORS = 16 };
  return (int32_t)eddy_result_of(nftw(path, remove_entry, MAXIMUM_DESCRIPTORS, FTW_DEPTH | FTW_PHYS));
}

int32_t eddy_rename(const char *from, const char *to) { return (int32_t)eddy_result_of(rename(from, to)); }

int32_t eddy_link(const char *target, const char *path) {
  return (int32_t)eddy_result_of(symlink(target, path));
}

int32_t eddy_may_execute(const char *path) {
  struct stat file;
  if (stat(path, &file) < 0) return -errno;
  // Of a directory, permission to execute is permission to enter.
  return S_ISDIR(file.st_mode) ? -EISDIR : (int32_t)eddy_result_of(access(path, X_OK));
}

int32_t eddy_read_link(const char *path, char *buffer) {
  int32_t length = (int32_t)eddy_result_of(readlink(path, buffer, EDDY_PATH_CAPACITY - 1));
  if (length >= 0) buffer[length] = '\0';
  return length;
}

int32_t eddy_real_path(const char *path, char *buffer) {
  return realpath(path, buffer) == NULL ? -errno : (int32_t)strlen(buffer);
}

int32_t eddy_working_directory(char *buffer) {
  return getcwd(buffer, EDDY_PATH_CAPACITY) == NULL ? -errno : (int32_t)strlen(buffer);
}
