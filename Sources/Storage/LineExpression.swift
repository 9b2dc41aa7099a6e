internal import CPCRE2

/// A regular expression with named groups that lines of untrusted text are matched against.
///
/// Expressions are Perl's, as PCRE2 reads them (pcre2pattern(3)), over UTF-8 and compiled to machine
/// code where the system permits that. A match begins at the line's beginning. How much work and
/// memory one line may take is limited, so that no line can hang an expression that backtracks.
///
/// Owns its memory and never hands out a pointer.
@safe public final class LineExpression {
  /// Why a text is no expression.
  public struct Failure: Error, Equatable, CustomStringConvertible {
    /// What is wrong, and at which character.
    public let description: String
  }

  /// What came of a line.
  public enum Outcome: Hashable, Sendable {
    /// Where the groups are within the line, by their numbers; the whole match is number 0.
    case match([Range<Int>?])
    /// The line is another one.
    case noMatch
    /// The limits were reached before it was known.
    case tooHard
  }

  /// Bytes of a line that the expression sees.
  public static let lineLimit = 16 << 10
  /// Steps of backtracking (PCRE2's match limit).
  private static let stepLimit: UInt32 = 200_000
  /// Nested steps of backtracking, where no machine code is made.
  private static let depthLimit: UInt32 = 100_000
  /// KiB of the heap, where no machine code is made.
  private static let heapLimit: UInt32 = 32 << 10
  /// Bytes of the stack of the machine code.
  private static let stackLimit = 1 << 20
  /// Characters of an expression.
  private static let expressionLimit = 1 << 16

  /// The numbers of each name's groups; several where alternatives use a name again.
  public let groups: [String: [Int]]
  private let code: OpaquePointer
  private let result: OpaquePointer
  private let context: OpaquePointer
  private let stack: OpaquePointer?

  /// Reads an expression.
  ///
  /// - Throws: `Failure`.
  public init(_ text: String) throws(Failure) {
    let bytes = Array(text.utf8)
    guard bytes.count <= Self.expressionLimit else {
      throw Failure(description: "longer than \(Self.expressionLimit) bytes")
    }
    var (status, offset): (Int32, Int) = (0, 0)
    let options =
      PCRE2_UTF | PCRE2_ANCHORED | PCRE2_DUPNAMES | PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_UTF_CHECK
    let compiled = unsafe bytes.withUnsafeBufferPointer { buffer in
      let start = unsafe buffer.baseAddress ?? UnsafePointer(bitPattern: 1)
      return unsafe pcre2_compile_8(start, buffer.count, options, &status, &offset, nil)
    }
    guard let code = unsafe compiled else {
      let character = String(decoding: bytes.prefix(max(offset, 0)), as: UTF8.self).count + 1
      throw Failure(description: "\(Self.message(of: status)) at character \(character)")
    }
    guard let result = unsafe pcre2_match_data_create_from_pattern_8(code, nil),
      let context = unsafe pcre2_match_context_create_8(nil)
    else {
      unsafe pcre2_code_free_8(code)
      throw Failure(description: "no memory for it")
    }
    unsafe pcre2_set_match_limit_8(context, Self.stepLimit)
    unsafe pcre2_set_depth_limit_8(context, Self.depthLimit)
    unsafe pcre2_set_heap_limit_8(context, Self.heapLimit)
    // Without machine code, as where memory may not be executed, the library interprets.
    let isCompiled = unsafe pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE) == 0
    unsafe stack = isCompiled ? pcre2_jit_stack_create_8(32 << 10, Self.stackLimit, nil) : nil
    unsafe pcre2_jit_stack_assign_8(context, nil, UnsafeMutableRawPointer(stack))
    unsafe (self.code, self.result, self.context) = (code, result, context)
    groups = unsafe Self.groups(of: code)
  }

  deinit {
    unsafe pcre2_match_data_free_8(result)
    unsafe pcre2_match_context_free_8(context)
    unsafe pcre2_jit_stack_free_8(stack)
    unsafe pcre2_code_free_8(code)
  }

  /// Matches the first `lineLimit` bytes of a line.
  public func match(_ line: ArraySlice<UInt8>) -> Outcome {
    let seen = Self.seen(of: line)
    guard !seen.isEmpty else { return match([0], count: 0, origin: line.startIndex) }
    return match(seen, count: seen.count, origin: line.startIndex)
  }

  /// The bytes of a line that an expression sees; no character is cut.
  public static func seen(of line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard line.count > lineLimit else { return line }
    var end = line.startIndex + lineLimit
    while end > line.startIndex, line[end] & 0xC0 == 0x80 { end -= 1 }
    return line[..<end]
  }

  private func match(_ bytes: ArraySlice<UInt8>, count: Int, origin: Int) -> Outcome {
    let status = unsafe bytes.withUnsafeBufferPointer { buffer in
      unsafe pcre2_match_8(code, buffer.baseAddress, count, 0, 0, result, context)
    }
    switch status {
    case 1...: return .match(ranges(upTo: Int(status), origin: origin))
    case PCRE2_ERROR_MATCHLIMIT, PCRE2_ERROR_DEPTHLIMIT, PCRE2_ERROR_HEAPLIMIT,
      PCRE2_ERROR_JIT_STACKLIMIT, PCRE2_ERROR_NOMEMORY:
      return .tooHard
    // Also for what is not UTF-8.
    default: return .noMatch
    }
  }

  private func ranges(upTo count: Int, origin: Int) -> [Range<Int>?] {
    guard let pairs = unsafe pcre2_get_ovector_pointer_8(result) else { return [] }
    return (0..<count).map { group in
      let (start, end) = unsafe (pairs[2 * group], pairs[2 * group + 1])
      // \K may set a match's start behind its end.
      guard start >= 0, start <= end else { return nil }
      return (origin + start)..<(origin + end)
    }
  }

  /// The library's table of names: the number of a group in two bytes, its name and a zero.
  private static func groups(of code: OpaquePointer) -> [String: [Int]] {
    var (count, size): (UInt32, UInt32) = (0, 0)
    var table: UnsafePointer<UInt8>?
    unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMECOUNT), &count)
    unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMEENTRYSIZE), &size)
    unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMETABLE), &table)
    guard let start = unsafe table else { return [:] }
    var groups: [String: [Int]] = [:]
    for index in 0..<Int(count) {
      let entry = unsafe UnsafeBufferPointer(start: start + index * Int(size), count: Int(size))
      let name = unsafe String(decoding: entry.dropFirst(2).prefix { $0 != 0 }, as: UTF8.self)
      unsafe groups[name, default: []].append(Int(entry[0]) << 8 | Int(entry[1]))
    }
    return groups.mapValues { $0.sorted() }
  }

  private static func message(of status: Int32) -> String {
    var text = [UInt8](repeating: 0, count: 256)
    let count = unsafe text.withUnsafeMutableBufferPointer { buffer in
      unsafe pcre2_get_error_message_8(status, buffer.baseAddress, buffer.count)
    }
    return String(decoding: text.prefix(max(Int(count), 0)), as: UTF8.self)
  }
}
