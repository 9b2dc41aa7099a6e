internal import Storage

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// What the system knows of this process.
struct ProcessFigures {
  private static let started = timeNow()

  var residentBytes: Double?
  var cpuSeconds: Double

  static func now() -> ProcessFigures {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return ProcessFigures(
      residentBytes: resident(), cpuSeconds: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9)
  }

  /// Remembers when the process began.
  static func begin() { _ = started }

  private static func timeNow() -> Double { Double(time(nil)) }

  /// Linux alone tells a process how much of it is in memory.
  private static func resident() -> Double? {
    guard let file = try? FileSystem.readFile(at: "/proc/self/statm", limit: 4096) else {
      return nil
    }
    let words = String(decoding: file, as: UTF8.self).split(separator: " ")
    guard words.count > 1, let pages = Double(words[1]) else { return nil }
    return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
  }

  func write(to text: inout Exposition) {
    text.process(
      "process_start_time_seconds", "gauge", "When the process began, since 1970.", Self.started)
    if let residentBytes {
      text.process(
        "process_resident_memory_bytes", "gauge", "Memory in use.", residentBytes)
    }
    text.process(
      "process_cpu_seconds_total", "counter", "Time on processors.", cpuSeconds)
  }
}
