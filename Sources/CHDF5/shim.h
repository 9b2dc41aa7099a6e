#pragma once
#include <hdf5.h>
#include <stdio.h>

// HDF5 spells predefined identifiers as macros such as `(H5OPEN H5T_NATIVE_DOUBLE_g)`. Swift imports
// neither those macros nor, in Swift 6 mode, the mutable globals behind them. Each function below
// evaluates the macro in C, which also opens the library first.
#define CHDF5_ID(name) static inline hid_t c##name(void) { return name; }
CHDF5_ID(H5T_NATIVE_DOUBLE)
CHDF5_ID(H5T_NATIVE_INT64)
CHDF5_ID(H5T_NATIVE_UINT8)
CHDF5_ID(H5T_IEEE_F64LE)
CHDF5_ID(H5T_STD_I64LE)
CHDF5_ID(H5T_STD_U8LE)
CHDF5_ID(H5T_C_S1)
CHDF5_ID(H5P_FILE_CREATE)
CHDF5_ID(H5P_FILE_ACCESS)
CHDF5_ID(H5P_DATASET_CREATE)
CHDF5_ID(H5P_GROUP_CREATE)
#undef CHDF5_ID
#define CHDF5_FLAG(name) static inline unsigned c##name(void) { return name; }
CHDF5_FLAG(H5F_ACC_RDONLY)
CHDF5_FLAG(H5F_ACC_TRUNC)
#undef CHDF5_FLAG
static const hid_t cH5P_DEFAULT = H5P_DEFAULT;
static const hid_t cH5S_ALL = H5S_ALL;

/// Stops HDF5 from printing its error stack on the calling thread.
static inline void cH5silence_errors(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

/// Empties the calling thread's error stack. One left full makes the library complain at exit.
static inline void cH5clear_errors(void) { H5Eclear2(H5E_DEFAULT); }

struct cH5message { char *text; size_t size; };

static inline herr_t cH5copy_first_message(unsigned n, const H5E_error2_t *error, void *data) {
  struct cH5message *message = (struct cH5message *)data;
  if (n == 0 && error->desc) snprintf(message->text, message->size, "%s", error->desc);
  return 0;
}

/// Copies the innermost message of the calling thread's error stack; an empty text if there is none.
static inline void cH5innermost_message(char *text, size_t size) {
  struct cH5message message = {text, size};
  text[0] = 0;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, cH5copy_first_message, &message);
}

/// Whether a link points into the file itself; negative on failure. `H5Lget_info` is a function or
/// a macro, depending on the library's version.
static inline int cH5is_hard_link(hid_t location, const char *name) {
  H5L_info_t info;
  if (H5Lget_info(location, name, &info, H5P_DEFAULT) < 0) return -1;
  return info.type == H5L_TYPE_HARD;
}
