/// Something to measure: its input is prepared once, then it runs any number of times.
protocol Workload {
  associatedtype Result

  /// Prepares what is not measured.
  ///
  /// - Parameter data: The folder of the workloads' files.
  init(data: String) throws

  /// The measured part, from the file to the result in memory.
  func run() throws -> Result

  /// Counts and sums that the other implementations print as well.
  func facts(of result: Result) -> [String: Double]

  /// The result as bytes that the other implementations write as well, little-endian.
  func dump(of result: Result) -> [UInt8]
}

extension [UInt8] {
  /// Appends an integer, little-endian.
  mutating func append(bytesOf value: some FixedWidthInteger) {
    var rest = value
    for _ in 0..<(value.bitWidth / 8) {
      append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }
}

/// The bytes of all keys and values, as a check that none is lost.
func labelBytes(_ labels: [String: String]) -> Int {
  labels.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
}
