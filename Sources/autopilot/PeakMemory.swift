internal import Foundation

/// The most memory that the process has had resident, in bytes; 0 where the system does not say.
func peakMemoryBytes() -> Int {
  #if os(Linux)
    // `getrusage` would count what the process was forked from, too.
    guard let status = FileManager.default.contents(atPath: "/proc/self/status"),
      let line = String(decoding: status, as: UTF8.self).split(separator: "\n")
        .first(where: { $0.hasPrefix("VmHWM:") }),
      let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({
        Int($0)
      })
    else { return 0 }
    return kibibytes << 10
  #else
    var usage = rusage()
    return unsafe getrusage(RUSAGE_SELF, &usage) == 0 ? Int(usage.ru_maxrss) : 0
  #endif
}
