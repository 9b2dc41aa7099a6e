#pragma once
#include <hdf5.h>

/// Makes a file access property list create files through our own driver: plain files, with one
/// difference from HDF5's. When the disk refuses a write, the driver keeps the error number in
/// `*failure`, drops that write and all later ones, and tells HDF5 that all is well. A file whose
/// writes fail makes HDF5 crash when it is closed, or when the process ends; one that is known to be
/// bad can be closed like any other, and then removed.
///
/// `failure` has to be 0 and to live until the file is closed. Returns a negative number when HDF5
/// refuses.
herr_t snapshot_file_use(hid_t access, int *failure);
