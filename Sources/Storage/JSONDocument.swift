/// Reads members out of a JSON document and knows the place it is at, for errors that say where.
public struct JSONDocument: Sendable {
  /// The value at this place.
  public let value: JSONValue
  private let source: String
  private let path: String

  /// Wraps a whole document.
  ///
  /// - Parameter source: The name to use in errors.
  public init(_ value: JSONValue, source: String) {
    self.init(value, source: source, path: "")
  }

  private init(_ value: JSONValue, source: String, path: String) {
    (self.value, self.source, self.path) = (value, source, path)
  }

  /// An error about this place.
  public func expected(_ what: String) -> StorageError {
    .unexpectedShape(source: source, path: path, expected: what)
  }

  /// A member of an object.
  ///
  /// - Throws: `StorageError.unexpectedShape` when this is no object or has no such member.
  public subscript(_ key: String) -> JSONDocument {
    get throws {
      guard case .object(let members) = value else { throw expected("an object") }
      guard let member = members[key] else { throw expected("a member '\(key)'") }
      return JSONDocument(member, source: source, path: path.isEmpty ? key : "\(path).\(key)")
    }
  }

  /// A member that may be absent or null.
  public func optional(_ key: String) throws -> JSONDocument? {
    guard case .object(let members) = value else { throw expected("an object") }
    guard let member = members[key], member != .null else { return nil }
    return try self[key]
  }

  /// The members of an object in ascending order of their keys.
  public var members: [(key: String, value: JSONDocument)] {
    get throws {
      guard case .object(let members) = value else { throw expected("an object") }
      return try members.keys.sorted().map { ($0, try self[$0]) }
    }
  }

  /// The elements of an array.
  public var elements: [JSONDocument] {
    get throws {
      guard case .array(let elements) = value else { throw expected("an array") }
      return elements.enumerated().map {
        JSONDocument($1, source: source, path: "\(path)[\($0)]")
      }
    }
  }

  /// A string.
  public var string: String {
    get throws {
      guard case .string(let text) = value else { throw expected("a string") }
      return text
    }
  }

  /// A number; `"NaN"`, `"+Inf"` and `"-Inf"` are numbers too.
  public var number: Double {
    get throws {
      switch value {
      case .number(let number): return number
      case .string("NaN"): return .nan
      case .string("+Inf"): return .infinity
      case .string("-Inf"): return -.infinity
      default: throw expected("a number")
      }
    }
  }

  /// A whole number.
  public var integer: Int {
    get throws {
      guard case .number(let number) = value, let whole = Int(exactly: number) else {
        throw expected("a whole number")
      }
      return whole
    }
  }

  /// A truth value.
  public var bool: Bool {
    get throws {
      guard case .bool(let flag) = value else { throw expected("true or false") }
      return flag
    }
  }
}
