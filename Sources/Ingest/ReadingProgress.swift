internal import Storage

/// Says which file is being read and, when that or what follows takes long, how far it is.
final class ReadingProgress {
  private static let pause = Duration.milliseconds(200)

  private let report: (String) -> Void
  private var next = ContinuousClock.now

  init(report: @escaping (String) -> Void) { self.report = report }

  /// Begins with a file.
  func begin(_ name: String, _ source: ByteSource) {
    report(name)
    next = .now + Self.pause
    source.onRead = { [self, unowned source] in
      let size = source.sizeOnDisk.map { " of \($0 >> 20)" } ?? ""
      mention("\(name), \(source.bytesRead >> 20)\(size) MiB")
    }
  }

  /// Says how far the work is, unless something was said a moment ago.
  func mention(_ text: @autoclosure () -> String) {
    guard ContinuousClock.now >= next else { return }
    next = .now + Self.pause
    report(text())
  }
}
