package import Storage

/// A `WriteRequest` of Prometheus's remote write 1.0, in memory that is bounded by the message.
///
/// https://prometheus.io/docs/specs/prw/remote_write_spec/
package enum RemoteWriteMessage {
  /// The bits of the NaN with which Prometheus says that a series has ended.
  package static let staleMarker: UInt64 = 0x7FF0_0000_0000_0002

  /// A series with its samples in the order of the message.
  package struct Series {
    package var labels: [String: String]
    /// Milliseconds since 1970, [samples].
    package var times: [Int64]
    /// [samples]
    package var values: [Double]
    /// Native histograms, which are passed over.
    package var histograms = 0

    package init(
      labels: [String: String] = [:], times: [Int64] = [], values: [Double] = []
    ) {
      (self.labels, self.times, self.values) = (labels, times, values)
    }
  }

  /// Calls `body` with each series.
  ///
  /// - Throws: `ProtobufReader.Failure`; series before the fault were handed on.
  package static func read(
    _ message: [UInt8], limits: LiveLimits, _ body: (Series) -> Void
  ) throws(ProtobufReader.Failure) {
    var reader = ProtobufReader(message)
    while let (field, type) = try reader.next() {
      guard field == 1 else {
        // Metadata, and what is yet to come.
        try reader.skip(type)
        continue
      }
      try reader.expect(.delimited, found: type, field: field)
      body(try series(message, try reader.delimited(), limits))
    }
  }

  private static func series(
    _ message: [UInt8], _ range: Range<Int>, _ limits: LiveLimits
  ) throws(ProtobufReader.Failure) -> Series {
    var series = Series()
    var reader = ProtobufReader(message, range: range)
    while let (field, type) = try reader.next() {
      switch field {
      case 1:
        try reader.expect(.delimited, found: type, field: field)
        let place = try reader.delimited()
        guard series.labels.count < limits.labels else {
          throw .init(byte: place.lowerBound, reason: "more than \(limits.labels) labels")
        }
        let (name, value) = try label(message, place, limits)
        guard !name.isEmpty, series.labels.updateValue(value, forKey: name) == nil else {
          throw .init(byte: place.lowerBound, reason: "a label without a name, or a second one")
        }
      case 2:
        try reader.expect(.delimited, found: type, field: field)
        let (value, time) = try sample(message, try reader.delimited())
        series.values.append(value)
        series.times.append(time)
      case 4:
        series.histograms += 1
        try reader.skip(type)
      default: try reader.skip(type)
      }
    }
    return series
  }

  private static func label(
    _ message: [UInt8], _ range: Range<Int>, _ limits: LiveLimits
  ) throws(ProtobufReader.Failure) -> (name: String, value: String) {
    var (name, value) = ("", "")
    var reader = ProtobufReader(message, range: range)
    while let (field, type) = try reader.next() {
      guard field == 1 || field == 2 else {
        try reader.skip(type)
        continue
      }
      try reader.expect(.delimited, found: type, field: field)
      let text = try reader.text(limit: limits.labelBytes)
      if field == 1 { name = text } else { value = text }
    }
    return (name, value)
  }

  private static func sample(
    _ message: [UInt8], _ range: Range<Int>
  ) throws(ProtobufReader.Failure) -> (value: Double, time: Int64) {
    var (value, time) = (0.0, Int64(0))
    var reader = ProtobufReader(message, range: range)
    while let (field, type) = try reader.next() {
      switch field {
      case 1:
        try reader.expect(.fixed64, found: type, field: field)
        value = try reader.double()
      case 2:
        try reader.expect(.varint, found: type, field: field)
        time = Int64(bitPattern: try reader.varint())
      default: try reader.skip(type)
      }
    }
    return (value, time)
  }

  /// The message of series, whose labels are sorted as the protocol wants.
  package static func bytes(of series: [Series]) -> [UInt8] {
    var writer = ProtobufWriter()
    for one in series {
      writer.add(field: 1) { writer in
        let sorted = one.labels.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for (name, value) in sorted {
          writer.add(field: 1) { writer in
            writer.add(name, field: 1)
            writer.add(value, field: 2)
          }
        }
        for (value, time) in zip(one.values, one.times) {
          writer.add(field: 2) { writer in
            writer.add(value, field: 1)
            writer.add(Int(time), field: 2)
          }
        }
      }
    }
    return writer.bytes
  }
}
