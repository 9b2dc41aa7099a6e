#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The most memory that the process has had resident, in bytes; 0 where the system does not say.
package func peakMemoryBytes() -> Int {
  #if os(Linux)
    // `getrusage` would count what the process was forked from, too.
    let file = unsafe open("/proc/self/status", O_RDONLY)
    guard file >= 0 else { return 0 }
    defer { close(file) }
    var text = [UInt8](repeating: 0, count: 1 << 13)
    let count = unsafe read(file, &text, text.count)
    guard count > 0,
      let line = String(decoding: text[..<count], as: UTF8.self).split(separator: "\n")
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
