internal import CTelemetryScan

/// Columns that rows `instant,number,…` of a table are read into, a block at a time.
public struct RowBuffer: Sendable {
  /// What an instant counts, since 1970.
  public enum TimeUnit: Sendable {
    /// Milliseconds from 10¹¹ on, otherwise seconds.
    case auto
    case seconds
    case milliseconds
  }

  /// Milliseconds since 1970, [capacity], of which the first `count` hold rows.
  private var allTimes: [Int64]
  /// [columns, capacity], of which the first `count` of each column hold rows.
  private var values: [Double]
  /// The number of rows.
  public private(set) var count = 0
  private let form: ap_row_form

  /// An empty buffer.
  ///
  /// - Parameters:
  ///   - columns: The numbers of a row, at least 1.
  ///   - unit: What instants count.
  ///   - bounds: The instants, in milliseconds since 1970, that a row may have.
  ///   - limit: The most bytes of a row, without its line feed.
  public init(columns: Int, unit: TimeUnit, bounds: ClosedRange<Int64>, limit: Int) {
    precondition(columns > 0, "rows of \(columns) numbers")
    let time =
      switch unit {
      case .auto: AP_TIME_AUTO
      case .seconds: AP_TIME_SECONDS
      case .milliseconds: AP_TIME_MILLISECONDS
      }
    form = ap_row_form(
      columns: columns, limit: limit, earliest: bounds.lowerBound, latest: bounds.upperBound,
      time: Int32(time))
    // Odd, so that the columns do not compete for the same lines of the cache.
    let capacity = min(max(65_536 / columns, 32), 2048) | 1
    allTimes = [Int64](repeating: 0, count: capacity)
    values = [Double](repeating: 0, count: columns * capacity)
  }

  /// Whether no other row fits.
  public var isFull: Bool { count == allTimes.count }

  /// Forgets all rows.
  public mutating func removeAll() { count = 0 }

  /// Milliseconds since 1970, [count].
  public var times: ArraySlice<Int64> { allTimes[..<count] }

  /// A column, [count]; NaN where the field says so, the NaN with payload 1 where it is empty.
  ///
  /// - Precondition: The column exists.
  public func column(_ index: Int) -> ArraySlice<Double> {
    precondition(0..<form.columns ~= index, "column \(index) of \(form.columns)")
    return values[index * allTimes.count..<index * allTimes.count + count]
  }

  /// Adds the rows from a position on that have the usual form, as many as fit.
  ///
  /// What is left begins with the first row that has another form: a quote, a blank, another number
  /// of fields, a number that is not plainly decimal, an instant out of bounds.
  ///
  /// - Parameters:
  ///   - start: Where a row begins in the window.
  ///   - end: Behind a line feed in the window.
  ///   - portable: Use the code for machines without vector instructions, which has the same results;
  ///     for tests.
  /// - Returns: The position behind the last row taken.
  /// - Precondition: `0 <= start <= end <= window.count`.
  public mutating func take(
    from window: ByteWindow, _ start: Int, to end: Int, portable: Bool = false
  ) -> Int {
    precondition(0 <= start && start <= end && end <= window.count, "rows at \(start)..<\(end)")
    let scan = unsafe portable ? ap_scan_rows_portable : ap_scan_rows
    let (first, capacity, form) = (count, allTimes.count, form)
    let result = unsafe window.bytes.withUnsafeBufferPointer { text in
      unsafe allTimes.withUnsafeMutableBufferPointer { times in
        unsafe values.withUnsafeMutableBufferPointer { values in
          guard let bytes = text.baseAddress, let times = times.baseAddress,
            let values = values.baseAddress
          else { return ap_rows(position: start, count: 0) }
          return unsafe scan(bytes, text.count, start, end, form, times, values, first, capacity)
        }
      }
    }
    count += result.count
    return result.position
  }
}
