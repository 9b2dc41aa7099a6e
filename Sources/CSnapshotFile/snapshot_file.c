#include "snapshot_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

// What an access property list carries for the driver. HDF5 copies it byte by byte.
struct settings {
  int *failure;
};

struct snapshot_file {
  H5FD_t base;  // HDF5 writes into this; it has to come first.
  int descriptor;
  haddr_t end_of_allocation;
  haddr_t end_of_file;  // Where the file would end if every write had worked.
  struct settings settings;
};

static void fail(struct snapshot_file *file, int error) {
  if (*file->settings.failure == 0) *file->settings.failure = error ? error : EIO;
}

static H5FD_t *open_file(const char *name, unsigned flags, hid_t access, haddr_t limit) {
  (void)limit;
  const struct settings *settings = H5Pget_driver_info(access);
  if (!settings || !(flags & H5F_ACC_TRUNC)) return NULL;
  int descriptor;
  do descriptor = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) {
    *settings->failure = errno;
    return NULL;
  }
  struct snapshot_file *file = calloc(1, sizeof *file);
  if (!file) {
    close(descriptor);
    return NULL;
  }
  file->descriptor = descriptor;
  file->settings = *settings;
  return &file->base;
}

static herr_t close_file(H5FD_t *base) {
  struct snapshot_file *file = (struct snapshot_file *)base;
  if (close(file->descriptor) != 0 && errno != EINTR) fail(file, errno);
  free(file);
  return 0;
}

static int compare_files(const H5FD_t *a, const H5FD_t *b) {
  return (uintptr_t)a < (uintptr_t)b ? -1 : (uintptr_t)a > (uintptr_t)b;
}

static herr_t query(const H5FD_t *base, unsigned long *flags) {
  (void)base;
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
           H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  return 0;
}

static haddr_t get_eoa(const H5FD_t *base, H5FD_mem_t type) {
  (void)type;
  return ((const struct snapshot_file *)base)->end_of_allocation;
}

static herr_t set_eoa(H5FD_t *base, H5FD_mem_t type, haddr_t address) {
  (void)type;
  ((struct snapshot_file *)base)->end_of_allocation = address;
  return 0;
}

static haddr_t get_eof(const H5FD_t *base, H5FD_mem_t type) {
  (void)type;
  return ((const struct snapshot_file *)base)->end_of_file;
}

static herr_t read_bytes(
    H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size, void *buffer) {
  (void)type, (void)transfer;
  struct snapshot_file *file = (struct snapshot_file *)base;
  char *next = buffer;
  while (size > 0) {
    ssize_t count = pread(file->descriptor, next, size, (off_t)address);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) {
      memset(next, 0, size);
      return 0;
    }
    next += count, size -= (size_t)count, address += (haddr_t)count;
  }
  return 0;
}

static herr_t write_bytes(
    H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size,
    const void *buffer) {
  (void)type, (void)transfer;
  struct snapshot_file *file = (struct snapshot_file *)base;
  const char *next = buffer;
  if (address + size > file->end_of_file) file->end_of_file = address + size;
  while (size > 0 && *file->settings.failure == 0) {
    ssize_t count = pwrite(file->descriptor, next, size, (off_t)address);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      fail(file, errno);
      return 0;
    }
    next += count, size -= (size_t)count, address += (haddr_t)count;
  }
  return 0;
}

static herr_t truncate_file(H5FD_t *base, hid_t transfer, hbool_t closing) {
  (void)transfer, (void)closing;
  struct snapshot_file *file = (struct snapshot_file *)base;
  if (file->end_of_allocation == file->end_of_file) return 0;
  file->end_of_file = file->end_of_allocation;
  if (*file->settings.failure == 0 &&
      ftruncate(file->descriptor, (off_t)file->end_of_allocation) != 0)
    fail(file, errno);
  return 0;
}

static const H5FD_class_t driver = {
#if H5_VERSION_GE(1, 13, 0)
    .version = H5FD_CLASS_VERSION,
    .value = (H5FD_class_value_t)(H5_VFD_RESERVED + 1),
#endif
    .name = "snapshot",
    .maxaddr = INT64_MAX,
    .fc_degree = H5F_CLOSE_WEAK,
    .fapl_size = sizeof(struct settings),
    .open = open_file,
    .close = close_file,
    .cmp = compare_files,
    .query = query,
    .get_eoa = get_eoa,
    .set_eoa = set_eoa,
    .get_eof = get_eof,
    .read = read_bytes,
    .write = write_bytes,
    .truncate = truncate_file,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

herr_t snapshot_file_use(hid_t access, int *failure) {
  // Calls of HDF5 come one at a time, ours among them.
  static hid_t identifier = H5I_INVALID_HID;
  if (identifier < 0) identifier = H5FDregister(&driver);
  if (identifier < 0) return -1;
  struct settings settings = {failure};
  return H5Pset_driver(access, identifier, &settings);
}
