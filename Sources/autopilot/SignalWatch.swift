internal import Dispatch

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Hands SIGTERM and SIGINT to work that can stop by itself; what it does not take ends the process
/// as usual.
final class SignalWatch {
  private static let signals = [SIGTERM, SIGINT]
  private let sources: [any DispatchSourceSignal]

  /// - Parameter request: Asks the work to stop; false when it cannot, or was asked before.
  init(_ request: @escaping @Sendable () -> Bool) {
    let queue = DispatchQueue(label: "signals")
    sources = Self.signals.map { number in
      #if canImport(Darwin)
        // There a source sees a signal beside its handler, elsewhere it is the handler.
        signal(number, SIG_IGN)
      #endif
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        if !request() { endProcess(by: number) }
      }
      source.resume()
      return source
    }
  }

  /// Leaves signals to the process again.
  func end() {
    for source in sources { source.cancel() }
    for number in Self.signals { signal(number, SIG_DFL) }
  }
}

/// Ends the process as if nobody had watched for the signal.
private func endProcess(by number: Int32) {
  signal(number, SIG_DFL)
  // Threads of Dispatch block signals.
  var mask = sigset_t()
  unsafe sigemptyset(&mask)
  unsafe sigaddset(&mask, number)
  unsafe pthread_sigmask(SIG_UNBLOCK, &mask, nil)
  raise(number)
}
