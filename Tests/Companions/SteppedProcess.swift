#if os(Linux)
  internal import Foundation
  internal import Glibc

  /// A process that waits with each line on standard error until the line before it was read.
  ///
  /// So whoever reads knows between which two lines it is, and can kill it there. The pipe has room for
  /// one packet, and each line is one.
  package final class SteppedProcess {
    private let process = Process()
    private let lines: Int32
    private let results: Int32

    /// Starts a program whose standard output waits from the first byte on.
    package init(
      _ path: String, _ arguments: [String], in folder: String,
      environment: [String: String] = [:]
    ) throws {
      let (errors, output) = (try Self.pipeOfOnePacket(), try Self.pipeOfOnePacket())
      (lines, results) = (errors.reader, output.reader)
      _ = unsafe write(output.writer, " ", 1)
      process.executableURL = URL(fileURLWithPath: path)
      process.arguments = arguments
      process.currentDirectoryURL = URL(fileURLWithPath: folder)
      process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle(fileDescriptor: output.writer, closeOnDealloc: false)
      process.standardError = FileHandle(fileDescriptor: errors.writer, closeOnDealloc: false)
      defer {
        close(output.writer)
        close(errors.writer)
      }
      try process.run()
    }

    deinit {
      if process.isRunning { Glibc.kill(process.processIdentifier, SIGKILL) }
      process.waitUntilExit()
      close(lines)
      close(results)
    }

    /// Waits until the process has said its next line, without letting it say another one.
    ///
    /// - Returns: False when it has ended, or says nothing within a minute.
    package func waitForLine() -> Bool {
      var descriptor = pollfd(fd: lines, events: Int16(POLLIN), revents: 0)
      return unsafe poll(&descriptor, 1, 60_000) == 1 && descriptor.revents & Int16(POLLIN) != 0
    }

    /// Takes the line that was said, so that the process can say the next one.
    package func nextLine() -> String? {
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = unsafe read(lines, &bytes, bytes.count)
      return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }

    /// Waits until nothing goes on in the process: it waits for its line, or its output, to be read.
    package func waitUntilStill() {
      var calm = 0
      while process.isRunning, calm < 5 {
        usleep(40_000)
        calm = isAsleep() ? calm + 1 : 0
      }
    }

    /// Kills the process where it is.
    ///
    /// - Returns: Whether it was still there to be killed.
    package func kill() -> Bool {
      Glibc.kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      return process.terminationReason == .uncaughtSignal
    }

    /// Whether every thread sleeps.
    private func isAsleep() -> Bool {
      let folder = "/proc/\(process.processIdentifier)/task"
      guard let threads = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
        return true
      }
      return threads.allSatisfy { thread in
        guard let text = try? String(contentsOfFile: "\(folder)/\(thread)/stat", encoding: .utf8)
        else { return true }
        // The state follows the name, which stands in parentheses.
        return text[(text.lastIndex(of: ")") ?? text.startIndex)...].hasPrefix(") S")
      }
    }

    private static func pipeOfOnePacket() throws -> (reader: Int32, writer: Int32) {
      #if arch(arm64)
        let packets: Int32 = 0o200000
      #else
        let packets: Int32 = 0o40000
      #endif
      let setPipeSize: Int32 = 1031
      var ends: [Int32] = [0, 0]
      guard unsafe pipe(&ends) == 0, fcntl(ends[1], F_SETFL, packets) == 0,
        fcntl(ends[1], setPipeSize, 4096) == 4096
      else { throw CocoaError(.featureUnsupported) }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      return (ends[0], ends[1])
    }
  }
#endif
