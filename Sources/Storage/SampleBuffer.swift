internal import CTelemetryScan

/// Columns that samples are read into.
public struct SampleBuffer: Sendable {
  /// Milliseconds since 1970, [capacity], of which the first `count` hold samples.
  public private(set) var times: [Int64]
  /// [capacity], of which the first `count` hold samples.
  public private(set) var values: [Double]
  /// The number of samples.
  public private(set) var count = 0

  /// An empty buffer.
  ///
  /// - Parameter capacity: Samples that fit, at least 1.
  public init(capacity: Int = 4096) {
    precondition(capacity > 0, "room for \(capacity) samples")
    times = [Int64](repeating: 0, count: capacity)
    values = [Double](repeating: 0, count: capacity)
  }

  /// The number of samples that fit.
  public var capacity: Int { times.count }
  /// Whether no other sample fits.
  public var isFull: Bool { count == capacity }

  /// Adds a sample.
  ///
  /// - Precondition: Not full.
  public mutating func append(_ value: Double, at time: Int64) {
    times[count] = time
    values[count] = value
    count += 1
  }

  /// Forgets all samples.
  public mutating func removeAll() { count = 0 }

  /// Doubles the capacity.
  public mutating func grow() {
    times += repeatElement(0, count: capacity)
    values += repeatElement(0, count: values.count)
  }

  /// Takes lines `series value time` of one series from a part of a text that begins and ends with
  /// whole lines, as long as they follow each other in the usual form and there is room.
  ///
  /// Instants are in seconds with a point or below 10¹¹, and else in milliseconds.
  ///
  /// - Parameters:
  ///   - lines: The part, which begins where a line begins and ends behind a line feed.
  ///   - series: The series' text.
  ///   - isMilliseconds: Whether instants are in milliseconds whatever they look like.
  /// - Returns: The position behind the last line taken.
  /// - Precondition: Both ranges lie within the text, and a line feed ends the part.
  public mutating func takeLines(
    of series: Range<Int>, from text: [UInt8], in lines: Range<Int>, isMilliseconds: Bool
  ) -> Int {
    precondition(
      lines.lowerBound >= 0 && lines.upperBound <= text.count && series.lowerBound >= 0
        && series.upperBound <= text.count, "\(lines) and \(series) of \(text.count) bytes")
    guard !lines.isEmpty else { return lines.lowerBound }
    precondition(text[lines.upperBound - 1] == 0x0A, "a part that no line feed ends")
    let room = capacity - count
    let result = unsafe text.withUnsafeBufferPointer { text in
      unsafe times.withUnsafeMutableBufferPointer { times in
        unsafe values.withUnsafeMutableBufferPointer { values in
          guard let text = text.baseAddress, let times = times.baseAddress,
            let values = values.baseAddress
          else { return ap_scan(position: lines.lowerBound, count: 0) }
          return unsafe ap_scan_series_lines(
            text, lines.lowerBound, lines.upperBound, series.lowerBound, series.count,
            isMilliseconds, times + count, values + count, room)
        }
      }
    }
    count += result.count
    return result.position
  }

  /// Lets the scanner write behind the samples; returns the position in the window that it reached.
  fileprivate mutating func scan(_ window: [UInt8], from position: Int, portable: Bool) -> Int {
    let scan = unsafe portable ? ap_scan_samples_portable : ap_scan_samples
    let room = capacity - count
    let result = unsafe window.withUnsafeBufferPointer { window in
      unsafe times.withUnsafeMutableBufferPointer { times in
        unsafe values.withUnsafeMutableBufferPointer { values in
          guard let text = window.baseAddress, let times = times.baseAddress,
            let values = values.baseAddress
          else { return ap_scan(position: position, count: 0) }
          return unsafe scan(text, position, times + count, values + count, room)
        }
      }
    }
    count += result.count
    return result.position
  }
}

extension JSONStream {
  /// Bytes within which the scanner finds the end of any usual sample.
  private static let sampleLength = 256

  /// Takes elements `[time,"value"]` of an array and the commas between them, in seconds since 1970,
  /// as long as they have the usual form and there is room.
  ///
  /// What is left begins with the comma or bracket behind the last one taken, or, if none was, with
  /// the element that has another form. Times are rounded to milliseconds, halves away from zero,
  /// values to the nearest double.
  ///
  /// - Parameter portable: Use the code for machines without vector instructions, which has the same
  ///   results; for tests.
  /// - Returns: Whether any was taken.
  public mutating func takeSamples(
    into buffer: inout SampleBuffer, portable: Bool = false
  ) throws -> Bool {
    while end - position < Self.sampleLength, try refill() {}
    let before = buffer.count
    position = buffer.scan(window, from: position, portable: portable)
    return buffer.count > before
  }
}
