internal import CVectorMath

extension Philox {
  /// Values of a stream from any of its blocks on, two a block: those that `next` gives from there.
  ///
  /// - Parameters:
  ///   - values: Receives them; an even number.
  ///   - fromBlock: The block of the first value, half its number.
  public static func fill(
    _ values: inout [UInt64], seed: UInt64, purpose: String, index: Int = 0, fromBlock: Int
  ) {
    precondition(values.count % 2 == 0 && fromBlock >= 0, "\(values.count) from \(fromBlock)")
    unsafe ap_philox_blocks(
      family(seed, purpose: purpose), UInt64(fromBlock), UInt64(bitPattern: Int64(index)),
      values.count / 2, &values)
  }
}
