/// Named arrays of numbers that a safetensors file holds.
public struct TensorBundle: Hashable, Sendable {
  /// One array.
  public struct Tensor: Hashable, Sendable {
    /// Sizes, outermost first.
    public var shape: [Int]
    /// Elements in row-major order.
    public var values: Values

    /// Makes an array.
    ///
    /// - Precondition: `values` has as many elements as `shape` asks for.
    public init(shape: [Int], values: Values) {
      precondition(
        shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == values.count,
        "\(values.count) elements for shape \(shape)")
      (self.shape, self.values) = (shape, values)
    }
  }

  /// Elements by their type.
  public enum Values: Hashable, Sendable {
    /// 32-bit floats (`F32`).
    case float([Float])
    /// 64-bit floats (`F64`).
    case double([Double])
    /// 32-bit integers (`I32`).
    case int32([Int32])
    /// Bytes (`U8`).
    case uint8([UInt8])
    /// 16-bit integers from 0 (`U16`).
    case uint16([UInt16])

    /// Whole numbers in the smallest type that holds them all; each must fit 32 bits.
    public init(smallest numbers: [Int]) {
      if numbers.allSatisfy({ UInt8(exactly: $0) != nil }) {
        self = .uint8(numbers.map { UInt8($0) })
      } else if numbers.allSatisfy({ UInt16(exactly: $0) != nil }) {
        self = .uint16(numbers.map { UInt16($0) })
      } else {
        self = .int32(numbers.map { Int32($0) })
      }
    }

    /// The number of elements.
    public var count: Int {
      switch self {
      case .float(let values): values.count
      case .double(let values): values.count
      case .int32(let values): values.count
      case .uint8(let values): values.count
      case .uint16(let values): values.count
      }
    }
  }

  /// The arrays by name.
  public var tensors: [String: Tensor] = [:]
  /// The name to use in errors, usually the file's path.
  public var source: String

  /// Makes an empty bundle.
  public init(source: String = "tensors") { self.source = source }

  /// The 32-bit floats of an array.
  ///
  /// - Parameter shape: The shape it must have; nil sizes fit anything.
  /// - Throws: `StorageError.invalidTensors` when it is absent or of another type or shape.
  public func floats(_ name: String, shape: [Int?]) throws(StorageError) -> [Float] {
    guard case .float(let values) = try tensor(name, shape).values else {
      throw .invalidTensors(path: source, reason: "tensor '\(name)' is not F32")
    }
    return values
  }

  /// The 64-bit floats of an array, under the same rules.
  public func doubles(_ name: String, shape: [Int?]) throws(StorageError) -> [Double] {
    guard case .double(let values) = try tensor(name, shape).values else {
      throw .invalidTensors(path: source, reason: "tensor '\(name)' is not F64")
    }
    return values
  }

  /// The 32-bit integers of an array, under the same rules.
  public func int32s(_ name: String, shape: [Int?]) throws(StorageError) -> [Int32] {
    guard case .int32(let values) = try tensor(name, shape).values else {
      throw .invalidTensors(path: source, reason: "tensor '\(name)' is not I32")
    }
    return values
  }

  /// The bytes of an array, under the same rules.
  public func bytes(_ name: String, shape: [Int?]) throws(StorageError) -> [UInt8] {
    guard case .uint8(let values) = try tensor(name, shape).values else {
      throw .invalidTensors(path: source, reason: "tensor '\(name)' is not U8")
    }
    return values
  }

  /// The whole numbers of an array of any type that holds such, under the same rules.
  public func integers(_ name: String, shape: [Int?]) throws(StorageError) -> [Int] {
    switch try tensor(name, shape).values {
    case .uint8(let values): return values.map { Int($0) }
    case .uint16(let values): return values.map { Int($0) }
    case .int32(let values): return values.map { Int($0) }
    case .float, .double:
      throw .invalidTensors(path: source, reason: "tensor '\(name)' is not U8, U16 or I32")
    }
  }

  private func tensor(_ name: String, _ shape: [Int?]) throws(StorageError) -> Tensor {
    guard let tensor = tensors[name] else {
      throw .invalidTensors(path: source, reason: "tensor '\(name)' is missing")
    }
    guard tensor.shape.count == shape.count,
      zip(tensor.shape, shape).allSatisfy({ $1 == nil || $0 == $1 })
    else {
      let wanted = shape.map { $0.map(String.init) ?? "any" }.joined(separator: "×")
      throw .invalidTensors(
        path: source, reason: "tensor '\(name)' has shape \(tensor.shape), expected \(wanted)")
    }
    return tensor
  }
}
