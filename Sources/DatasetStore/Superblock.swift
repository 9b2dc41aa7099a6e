/// Puts the check sum right of an HDF5 file's first 48 bytes, its superblock.
///
/// `H5Fget_file_image` clears the superblock's mark "open for writing" and, before HDF5 2.0, leaves
/// the check sum that was computed with it, so that nobody can open the image. Where the library
/// does better this changes nothing.
///
/// - Precondition: The superblock is of version 3 with addresses of 8 bytes, as `SnapshotWriter`
///   asks for.
func sealSuperblock(of image: inout [UInt8]) {
  let end = 44
  precondition(
    image.count >= end + 4 && image[8] == 3 && image[9] == 8,
    "superblock \(image.prefix(end + 4))")
  let sum = lookup3(Array(image[..<end]))
  for index in 0..<4 { image[end + index] = UInt8(truncatingIfNeeded: sum >> (8 * index)) }
}

/// The hash that HDF5 checks its structures with: `hashlittle` of lookup3 with the initial value 0
/// (Bob Jenkins, 2006).
///
/// - Precondition: `bytes` is not empty.
func lookup3(_ bytes: [UInt8]) -> UInt32 {
  precondition(!bytes.isEmpty, "no bytes")
  let start = 0xDEAD_BEEF &+ UInt32(truncatingIfNeeded: bytes.count)
  var (a, b, c) = (start, start, start)
  func word(_ index: Int) -> UInt32 {
    (0..<4).reduce(0) { sum, byte in
      index + byte < bytes.count ? sum | UInt32(bytes[index + byte]) << (8 * byte) : sum
    }
  }
  func rotated(_ x: UInt32, _ bits: UInt32) -> UInt32 { x << bits | x >> (32 - bits) }
  var position = 0
  while true {
    a &+= word(position)
    b &+= word(position + 4)
    c &+= word(position + 8)
    position += 12
    if position >= bytes.count { break }
    a = (a &- c) ^ rotated(c, 4)
    c &+= b
    b = (b &- a) ^ rotated(a, 6)
    a &+= c
    c = (c &- b) ^ rotated(b, 8)
    b &+= a
    a = (a &- c) ^ rotated(c, 16)
    c &+= b
    b = (b &- a) ^ rotated(a, 19)
    a &+= c
    c = (c &- b) ^ rotated(b, 4)
    b &+= a
  }
  c = (c ^ b) &- rotated(b, 14)
  a = (a ^ c) &- rotated(c, 11)
  b = (b ^ a) &- rotated(a, 25)
  c = (c ^ b) &- rotated(b, 16)
  a = (a ^ c) &- rotated(c, 4)
  b = (b ^ a) &- rotated(a, 14)
  c = (c ^ b) &- rotated(b, 24)
  return c
}
