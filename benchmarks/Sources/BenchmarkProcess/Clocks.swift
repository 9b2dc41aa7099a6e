#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Seconds that this process has computed, on all threads and in the kernel, and that have passed.
package struct Clocks {
  package var cpu: Double
  package var wall: Double

  package static var now: Clocks { Clocks(cpu: seconds(CLOCK_PROCESS_CPUTIME_ID), wall: wallNow) }

  /// The second clock alone, which is read without a call of the kernel.
  package static var wallNow: Double { seconds(CLOCK_MONOTONIC) }

  package static func - (a: Clocks, b: Clocks) -> Clocks {
    Clocks(cpu: a.cpu - b.cpu, wall: a.wall - b.wall)
  }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// Sends what was printed to whoever waits for it.
package func flushOutput() {
  fflush(nil)
}

/// Prints one line on standard error and ends with the exit code of a wrong command line.
package func fail(_ message: String) -> Never {
  let program = CommandLine.arguments.first?.split(separator: "/").last ?? "benchmark"
  let line = Array("\(program): \(message)\n".utf8)
  unsafe write(STDERR_FILENO, line, line.count)
  exit(64)
}
