/// What a failure means to the program that called us; each kind is one exit code.
public enum FailureKind: Int32, Sendable, CaseIterable {
  /// Something outside the data failed: a disk, a lock, a library. Trying again may help.
  case environment = 1
  /// The candidate model is worse than allowed.
  case regression = 2
  /// The evidence decides nothing.
  case inconclusive = 3
  /// The data or the configuration is wrong; trying again will not help.
  case invalidInput = 4
  /// A digest or a signature does not match.
  case integrity = 5
  /// The command line is wrong (`EX_USAGE`).
  case usage = 64
}

/// An error with a single line for people and an exit code for programs.
///
/// Each module has one closed enumeration of its own that conforms.
public protocol DiagnosedError: Error, CustomStringConvertible {
  /// The exit code's meaning.
  var kind: FailureKind { get }
  /// One line: what is wrong, where exactly, and what to do about it.
  var description: String { get }
}
