/// A dense matrix of 32-bit floats, row-major.
public struct Matrix: Hashable, Sendable {
  /// Number of rows.
  public private(set) var rows: Int
  /// Number of columns.
  public let columns: Int
  /// The elements, row after row, [rows × columns].
  public var elements: [Float]

  /// Makes a matrix from its elements in row-major order.
  ///
  /// - Precondition: `elements.count == rows * columns`.
  public init(rows: Int, columns: Int, elements: [Float]) {
    precondition(
      rows >= 0 && columns >= 0 && elements.count == rows * columns,
      "\(elements.count) elements for a \(rows)×\(columns) matrix")
    (self.rows, self.columns, self.elements) = (rows, columns, elements)
  }

  /// Makes a matrix of equal elements.
  public init(rows: Int, columns: Int, repeating value: Float = 0) {
    self.init(
      rows: rows, columns: columns, elements: Array(repeating: value, count: rows * columns))
  }

  /// An element.
  ///
  /// - Precondition: `row` is in `0..<rows` and `column` in `0..<columns`.
  public subscript(row: Int, column: Int) -> Float {
    get { elements[offset(row, column)] }
    set { elements[offset(row, column)] = newValue }
  }

  /// One row, [columns].
  ///
  /// - Precondition: `index` is in `0..<rows`.
  public func row(_ index: Int) -> ArraySlice<Float> {
    precondition(index >= 0 && index < rows, "row \(index) of \(rows)")
    return elements[index * columns..<(index + 1) * columns]
  }

  /// Adds a row at the end.
  ///
  /// - Precondition: `row.count == columns`.
  public mutating func append(row: some Collection<Float>) {
    precondition(row.count == columns, "row of \(row.count) for \(columns) columns")
    elements.append(contentsOf: row)
    rows += 1
  }

  /// The given rows, in the given order.
  public func selecting(rows indices: some Collection<Int>) -> Matrix {
    var result = Matrix(rows: 0, columns: columns)
    result.elements.reserveCapacity(indices.count * columns)
    for index in indices { result.append(row: row(index)) }
    return result
  }

  /// Where an element is stored. A column too large would otherwise read the next row's elements.
  private func offset(_ row: Int, _ column: Int) -> Int {
    precondition(
      row >= 0 && row < rows && column >= 0 && column < columns,
      "element (\(row), \(column)) of a \(rows)×\(columns) matrix")
    return row * columns + column
  }
}
