internal import Diagnostics
internal import Storage
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Writes a line to standard error.
func writeError(_ line: String) { writeAll(Array((line + "\n").utf8), to: STDERR_FILENO) }

/// Writes data to standard output.
func writeOutput(_ text: String) { writeAll(Array(text.utf8), to: STDOUT_FILENO) }

/// Writes data to standard output.
func writeOutput(_ bytes: [UInt8]) { writeAll(bytes, to: STDOUT_FILENO) }

private func writeAll(_ bytes: [UInt8], to descriptor: Int32) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let written = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    if written < 0 {
      let reason = errno
      if reason == EINTR { continue }
      // When the reader is gone, or standard error itself fails, there is nobody left to tell.
      if reason != EPIPE, descriptor != STDERR_FILENO {
        writeError("autopilot: error: standard output: \(unsafe String(cString: strerror(reason)))")
      }
      exit(FailureKind.environment.rawValue)
    }
    rest = rest.dropFirst(written)
  }
}

/// Shows progress on standard error once work has taken two seconds.
///
/// On a terminal one line is redrawn; elsewhere a line is written every ten seconds, so that the
/// log of a batch job stays short.
final class ProgressPrinter: Sendable {
  private struct State {
    var lastShown: ContinuousClock.Instant?
    var lineIsOpen = false
  }

  private static let patience = Duration.seconds(2)
  private let started = ContinuousClock.now
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let state = Mutex(State())

  /// The sink to hand to long work; nil events for `quiet`.
  func sink(quiet: Bool) -> ProgressSink {
    guard !quiet else { return { _ in } }
    return { event in self.show(event) }
  }

  private func show(_ event: ProgressEvent) {
    let now = ContinuousClock.now
    guard now - started >= Self.patience else { return }
    state.withLock { state in
      let pause = isTerminal ? Duration.milliseconds(100) : .seconds(10)
      if let last = state.lastShown, now - last < pause { return }
      state.lastShown = now
      let text = line(event, elapsed: now - started)
      if isTerminal {
        writeAll(Array("\r\u{1B}[2K\(text)".utf8), to: STDERR_FILENO)
        state.lineIsOpen = true
      } else {
        writeError(text)
      }
    }
  }

  /// Writes a line of its own.
  func say(_ line: String) {
    state.withLock { state in
      clear(&state)
      writeError(line)
    }
  }

  /// Clears the progress line, before results are printed.
  func finish() { state.withLock { clear(&$0) } }

  private func clear(_ state: inout State) {
    if state.lineIsOpen { writeAll(Array("\r\u{1B}[2K".utf8), to: STDERR_FILENO) }
    state.lineIsOpen = false
  }

  private func line(_ event: ProgressEvent, elapsed: Duration) -> String {
    var parts = [event.stage]
    if event.total > 0 {
      let width = 20
      let filled = min(width, event.completed * width / event.total)
      let bar = String(repeating: "#", count: filled)
      parts.append(
        "[\(bar)\(String(repeating: ".", count: width - filled))] "
          + "\(event.completed)/\(event.total)")
    } else if event.completed > 0 {
      parts.append("\(event.completed)")
    }
    if !event.detail.isEmpty { parts.append(event.detail) }
    parts.append("\(elapsed.components.seconds) s")
    return parts.joined(separator: "  ")
  }
}
