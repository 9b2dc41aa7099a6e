import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A connection on which a test sends what it likes, such as a part of a request.
final class RawConnection {
  private let socket: FileHandle

  init(to port: Int) throws {
    #if os(Linux)
      let type = Int32(SOCK_STREAM.rawValue)
    #else
      let type = SOCK_STREAM
    #endif
    let descriptor = Foundation.socket(AF_INET, type, 0)
    guard descriptor >= 0 else { throw ScorerFailure(description: "no socket") }
    socket = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, size)
      }
    }
    guard result == 0 else { throw ScorerFailure(description: "nobody listens at \(port)") }
  }

  func send(_ bytes: [UInt8]) throws {
    #if os(Linux)
      let flags = Int32(MSG_NOSIGNAL)
    #else
      let flags: Int32 = 0
    #endif
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = unsafe rest.withUnsafeBytes {
        unsafe Foundation.send(socket.fileDescriptor, $0.baseAddress, $0.count, flags)
      }
      guard sent > 0 else { throw ScorerFailure(description: "the connection broke") }
      rest = rest.dropFirst(sent)
    }
  }

  /// What comes next; empty at the end.
  func receive() throws -> String {
    String(decoding: socket.availableData, as: UTF8.self)
  }

  func close() { try? socket.close() }
}
