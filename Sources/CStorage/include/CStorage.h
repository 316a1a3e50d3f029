/// The system calls under a node's disk: one directory, and files in it that are written at their end and made
/// durable.
///
/// The conventions are those of CEventLoop. Mechanism only: the order of the calls, which makes a disk durable, is
/// the caller's.
#ifndef CSTORAGE_H
#define CSTORAGE_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

static const int32_t EDDY_STORAGE_EDQUOT = 122;

/// Creates a directory; EEXIST if the path exists.
int32_t eddy_storage_make_directory(const char *path);

/// Opens a directory, to sync it, to lock it, and to name files in it.
int32_t eddy_storage_open_directory(const char *path);

/// Locks the open directory against every other process that does the same, without waiting: EAGAIN if one holds
/// the lock. The kernel releases it when the descriptor is closed, as at the end of the process.
int32_t eddy_storage_lock(int32_t directory);

/// Opens a file of the directory for reading and writing.
int32_t eddy_storage_open(int32_t directory, const char *name);

/// Creates a file of the directory, or empties it, and opens it for reading and writing.
int32_t eddy_storage_create(int32_t directory, const char *name);

/// The length of an open file in bytes.
int64_t eddy_storage_length(int32_t file);

/// Reads or writes at most `count` bytes at an offset. Returns the number moved.
int64_t eddy_storage_read_at(int32_t file, void *buffer, size_t count, int64_t offset);
int64_t eddy_storage_write_at(int32_t file, const void *bytes, size_t count, int64_t offset);

/// Cuts a file off at a length, in bytes.
int32_t eddy_storage_truncate(int32_t file, int64_t length);

/// Waits until a file's bytes and its length are durable (fdatasync).
int32_t eddy_storage_sync_data(int32_t file);

/// Waits until a directory's entries are durable (fsync).
int32_t eddy_storage_sync_directory(int32_t directory);

/// Renames a file of the directory; replaces any file of the new name in one step.
int32_t eddy_storage_rename(int32_t directory, const char *from, const char *to);

/// Removes a file of the directory.
int32_t eddy_storage_remove(int32_t directory, const char *name);

/// Stops this thread for a number of nanoseconds below 10⁹.
int32_t eddy_storage_sleep(int64_t nanoseconds);

#pragma clang assume_nonnull end
#endif
